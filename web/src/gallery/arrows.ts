import type { KeyboardEvent } from "react";

const AHEAD: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Arrow keys lead from picture to picture, as the eye sees them. */
export function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const direction = AHEAD[event.key];
  const here = document.activeElement?.closest<HTMLElement>("[data-index]");
  if (!direction || !here) return;
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-index]")];
  const target = direction[0] ? beside(tiles, here, direction[0]) : above(tiles, here, direction[1]);
  if (!target) return;
  event.preventDefault();
  target.focus();
}

function beside(tiles: HTMLElement[], here: HTMLElement, step: number): HTMLElement | undefined {
  const wanted = String(Number(here.dataset.index) + step);
  return tiles.find(({ dataset }) => dataset.index === wanted);
}

function above(tiles: HTMLElement[], here: HTMLElement, step: number): HTMLElement | undefined {
  const from = here.getBoundingClientRect();
  const middle = from.left + from.width / 2;
  const distance = (tile: HTMLElement) => {
    const { left, top, width } = tile.getBoundingClientRect();
    const down = (top - from.top) * step;
    return down > 1 ? down * 1000 + Math.abs(left + width / 2 - middle) : Infinity;
  };
  const [nearest] = tiles.map((tile) => ({ tile, far: distance(tile) })).sort((a, b) => a.far - b.far);
  return nearest && nearest.far < Infinity ? nearest.tile : undefined;
}
