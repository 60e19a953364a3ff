import { useEffect, useMemo, useState } from "react";

import type { ProblemFragment } from "../gql/graphql";
import { Icon } from "../ui/icons";
import { number } from "../ui/wording";
import { linesOf, marked, type Marked } from "./manifest";

const MOST_SHOWN = 100;

interface Props {
  file: File;
  encoding: string;
  delimiter: string;
  problems: ProblemFragment[];
  problemCount: number;
}

/** The lines of the file that something is wrong with, and what, under the cell that is meant. */
export function Problems({ file, encoding, delimiter, problems, problemCount }: Props) {
  const [lines, setLines] = useState<string[]>([]);
  useEffect(() => {
    void linesOf(file, encoding).then(setLines);
  }, [file, encoding]);
  const found = useMemo(() => marked(lines, delimiter, problems), [lines, delimiter, problems]);
  const shown = found.slice(0, MOST_SHOWN);
  const left = problemCount - shown.reduce((sum, line) => sum + line.problems.length, 0);
  return (
    <section className="problems" aria-label="Problems">
      <ol>
        {shown.map((line) => (
          <Line key={line.line} {...line} />
        ))}
      </ol>
      {left > 0 && <p className="faint">… and {number(left)} more.</p>}
    </section>
  );
}

function Line({ line, text, spans, problems }: Marked) {
  return (
    <li>
      <div className="source" role="group" aria-label={`Line ${line}`} tabIndex={0}>
        <span className="source-line">{line}</span>
        <code>{text ? <Cells text={text} spans={spans} /> : " "}</code>
      </div>
      <ul>
        {problems.map(({ code, column, message, hint, severity }) => (
          <li key={code + column} className={`problem problem-${severity.toLowerCase()}`}>
            <Icon name="alert" />
            <p>
              <strong>
                {severity === "ERROR" ? "Error" : "Warning"} in line {line}
                {column ? `, ${column}` : ""}:
              </strong>{" "}
              <Told text={message} /> {hint && <Told text={hint} />}
            </p>
          </li>
        ))}
      </ul>
    </li>
  );
}

/** What stands between backticks is quoted. */
function Told({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part));
}

function Cells({ text, spans }: { text: string; spans: [number, number][] }) {
  let end = 0;
  const parts = spans.map(([from, until]) => {
    const before = text.slice(end, from);
    end = until;
    return (
      <span key={from}>
        {before}
        <mark>{text.slice(from, until) || " "}</mark>
      </span>
    );
  });
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
}
