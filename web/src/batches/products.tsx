import { memo, useEffect, useRef } from "react";

import type { ItemFragment } from "../gql/graphql";
import { to } from "../routing";
import { Icon } from "../ui/icons";
import { useViewport } from "../ui/viewport";
import type { Following, Product } from "./following";
import { ITEM_STATES } from "./wording";

const ROW_PX = 68;
const MOST_ITEMS_SHOWN = 20;

/** The products that can be seen, each as it stands this moment. */
export function Products({ following }: { following: Following }) {
  const box = useRef<HTMLDivElement>(null);
  const { width, top, bottom } = useViewport(box);
  const { products, hasMore } = following;
  const height = products.length * ROW_PX;
  const from = Math.max(Math.floor(top / ROW_PX), 0);
  const until = Math.ceil(bottom / ROW_PX);
  useEffect(() => {
    if (width && hasMore && bottom + ROW_PX > height) void following.more();
  }, [following, width, hasMore, bottom, height]);

  return (
    <section>
      <h2>Products</h2>
      <div ref={box} className="products" role="list" aria-label="Products" style={{ height }}>
        {products.slice(from, until).map((product, at) => (
          <div
            key={product.id}
            role="listitem"
            className="product"
            aria-posinset={from + at + 1}
            aria-setsize={hasMore ? -1 : products.length}
            style={{ top: (from + at) * ROW_PX, height: ROW_PX }}
          >
            <Row product={product} />
          </div>
        ))}
      </div>
      {hasMore && <p className="faint">Reading on …</p>}
    </section>
  );
}

const Row = memo(function Row({ product: { serialNumber, name, items } }: { product: Product }) {
  const failed = items.find(({ failure }) => failure);
  const left = items.length - MOST_ITEMS_SHOWN;
  return (
    <>
      <span className="product-number faint">{serialNumber}</span>
      <span className="product-name" title={name}>
        {name}
      </span>
      <span className="items">
        {items.slice(0, MOST_ITEMS_SHOWN).map((item) => (
          <Item key={item.id} item={item} />
        ))}
        {left > 0 && <small className="faint">+{left}</small>}
      </span>
      <span className="product-fault" title={failed?.failure?.message}>
        {failed?.failure?.message}
      </span>
    </>
  );
});

function Item({ item: { position, state, sourceUrl, image } }: { item: ItemFragment }) {
  const said = `Image ${position + 1} ${ITEM_STATES[state]}`;
  const mark = <Mark state={state} />;
  const look = { className: `item item-${state.toLowerCase()}`, title: `${said}: ${sourceUrl}` };
  if (!image) {
    return (
      <span {...look} role="img" aria-label={said}>
        {mark}
      </span>
    );
  }
  return (
    <a {...look} href={to("images", image.id)} aria-label={said}>
      {mark}
    </a>
  );
}

function Mark({ state }: { state: ItemFragment["state"] }) {
  if (state === "SUCCEEDED") return <Icon name="check" />;
  if (state === "FAILED") return <Icon name="alert" />;
  if (state === "CANCELLED") return <Icon name="close" />;
  return null;
}
