import { useEffect, useState } from "react";

import { to } from "../routing";
import { NotHere } from "../ui/empty";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { useStore } from "../ui/store";
import { useTitle } from "../ui/title";
import { bytes, counted, duration } from "../ui/wording";
import { Badge } from "./badge";
import { Bar, CountsLine } from "./bar";
import { Controls } from "./controls";
import { type Facts, Following } from "./following";
import { Products } from "./products";
import { Results } from "./results";
import { compressionIn } from "./wording";

export function BatchPage({ id }: { id: string }) {
  const [following] = useState(() => new Following(id));
  const { facts, isUnreachable } = useStore(following);
  useEffect(() => {
    following.open();
    return () => following.close();
  }, [following]);
  useTitle(facts ? `${Math.floor(facts.progress * 100)} % · ${facts.manifestName}` : "Batch");

  if (isUnreachable) return <Notice kind="error">This batch could not be loaded. Reload the page to try again.</Notice>;
  if (facts === null) return <NotHere what="batch" />;
  if (!facts) return <div aria-busy="true" />;
  return (
    <article className="batch">
      <a className="button" href={to("batches")}>
        <Icon name="back" />
        Batches
      </a>
      <header className="heading">
        <h1>{facts.manifestName}</h1>
        <Badge state={facts.state} />
      </header>
      <Progress facts={facts} />
      <div className="buttons">
        <Controls following={following} facts={facts} />
        <Results id={id} />
      </div>
      <Products following={following} />
    </article>
  );
}

function Progress({ facts }: { facts: Facts }) {
  const { counts, etaSeconds, bytesIn, bytesOut, problemCount, compression } = facts;
  const saved = bytesIn > 0 ? Math.round((1 - bytesOut / bytesIn) * 100) : 0;
  return (
    <section className="progress" aria-label="Progress">
      <p className="share" role="status">
        <strong>{Math.floor(facts.progress * 100)} %</strong>
        <span className="faint">
          {" "}
          of {counted(counts.total, "image")}
          {etaSeconds !== null && `, about ${duration(etaSeconds)} left`}
        </span>
      </p>
      <Bar counts={counts} />
      <CountsLine counts={counts} />
      <p className="faint">
        Made smaller: {compressionIn(compression)}
        {bytesIn > 0 && `; ${bytes(bytesIn)} became ${bytes(bytesOut)}, ${saved} % less`}
        {problemCount > 0 && `; ${counted(problemCount, "problem")} in the manifest`}.
      </p>
    </section>
  );
}
