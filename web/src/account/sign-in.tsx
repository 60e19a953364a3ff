import { type FormEvent, useEffect, useRef, useState } from "react";
import { useMutation } from "urql";

import { LogInDocument, SignUpDocument } from "../gql/graphql";
import icon from "../icon.svg";
import * as session from "../net/session";
import { Notice } from "../ui/notice";

/** What is asked of somebody new, and of somebody who comes back. */
const WAYS = {
  logIn: { title: "Welcome back", does: "Sign in", turn: "New here?", other: "Create an account" },
  signUp: { title: "Create an account", does: "Sign up", turn: "Been here before?", other: "Sign in" },
};

export function SignIn() {
  const [way, setWay] = useState<keyof typeof WAYS>("logIn");
  const words = WAYS[way];
  useEffect(() => {
    document.title = `${words.does} · Darkroom`;
  }, [words]);

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src={icon} alt="" width={48} height={48} />
        <h1>{words.title}</h1>
        <p className="faint">Your photos, kept byte for byte, developed while you watch.</p>
        <Credentials key={way} way={way} />
        <p className="sign-in-turn">
          {words.turn}{" "}
          <button type="button" className="link" onClick={() => setWay(way === "logIn" ? "signUp" : "logIn")}>
            {words.other}
          </button>
        </p>
      </div>
    </main>
  );
}

function Credentials({ way }: { way: keyof typeof WAYS }) {
  const { fault, busy, submit } = useSigningIn(way);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  return (
    <form className="stack" onSubmit={submit}>
      <label className="field">
        <span>Email</span>
        <input ref={first} name="email" type="email" autoComplete="username" required />
      </label>
      <label className="field">
        <span>Password</span>
        <input
          name="password"
          type="password"
          autoComplete={way === "logIn" ? "current-password" : "new-password"}
          minLength={way === "signUp" ? 8 : 1}
          aria-describedby={way === "signUp" ? "password-hint" : undefined}
          required
        />
        {way === "signUp" && (
          <small id="password-hint" className="faint">
            Eight characters or more; a few words are easy to remember.
          </small>
        )}
      </label>
      {fault && <Notice kind="error">{fault}</Notice>}
      <button className="primary wide" disabled={busy}>
        {busy ? "One moment …" : WAYS[way].does}
      </button>
    </form>
  );
}

function useSigningIn(way: keyof typeof WAYS) {
  const [{ fetching: signingUp }, signUp] = useMutation(SignUpDocument);
  const [{ fetching: loggingIn }, logIn] = useMutation(LogInDocument);
  const [fault, setFault] = useState("");

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const who = { email: String(form.get("email")), password: String(form.get("password")) };
    setFault("");
    const { data, error } = way === "logIn" ? await logIn(who) : await signUp(who);
    const outcome = data && ("logIn" in data ? data.logIn : data.signUp);
    if (outcome && "session" in outcome) session.begin(outcome.session, Date.now());
    else setFault(outcome?.message ?? saying(error));
  }

  return { fault, busy: signingUp || loggingIn, submit };
}

function saying(error: { networkError?: Error; graphQLErrors: { message: string }[] } | undefined): string {
  if (error?.networkError) return "The service cannot be reached. Is it running?";
  return error?.graphQLErrors[0]?.message ?? "Something went wrong.";
}
