import { useSignal } from "@preact/signals";
import { post } from "../api";
import { go } from "../router";
import { toast } from "../ui/toasts";
import { CodeField, draft, EmailField, Form, keepingNext, NewPasswordField, OutsideFrame } from "./form";

export function Forgot() {
  const isAsked = useSignal(false);
  return isAsked.value ? (
    <Reset />
  ) : (
    <Ask
      onAsked={() => {
        isAsked.value = true;
      }}
    />
  );
}

function Ask({ onAsked }: { onAsked: () => void }) {
  const { email } = draft;
  const send = async () => {
    await post("/auth/forgot", { body: { email: email.value.trim() } });
    onAsked();
  };
  return (
    <OutsideFrame
      title="Choose a new password"
      lead="First a code is sent to your address."
      foot={
        <p>
          You remember it? <a href={keepingNext("/sign-in")}>Sign in</a>
        </p>
      }
    >
      <Form key="ask" action="Send the code" onSend={send}>
        <EmailField />
      </Form>
    </OutsideFrame>
  );
}

function Reset() {
  const { email } = draft;
  const code = useSignal("");
  const password = useSignal("");
  const send = async () => {
    await post("/auth/reset", {
      body: { email: email.value.trim(), code: code.value.trim(), password: password.value },
    });
    toast("Your password is changed. Sign in with the new one.");
    go(keepingNext("/sign-in"));
  };
  return (
    <OutsideFrame
      title="Choose a new password"
      lead={
        <>
          If <strong>{email.value}</strong> has an account, a code is on its way to it. If none comes, ask again in an
          hour.
        </>
      }
      foot={
        <p>
          <a href={keepingNext("/sign-in")}>Back to signing in</a>
        </p>
      }
    >
      <Form key="reset" action="Change the password" onSend={send}>
        <CodeField code={code} />
        <NewPasswordField label="New password" password={password} />
      </Form>
    </OutsideFrame>
  );
}
