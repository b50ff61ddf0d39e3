import { useSignal } from "@preact/signals";
import { post } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { signIn } from "../session";
import { toast } from "../ui/toasts";
import { CodeField, draft, EmailField, Form, forgetDraft, keepingNext, OutsideFrame } from "./form";

export function Confirm() {
  const { email, password } = draft;
  const code = useSignal("");
  const send = async () => {
    await post("/auth/confirm", { body: { email: email.value.trim(), code: code.value.trim() } });
    try {
      if (password.value) {
        await signIn(email.value.trim(), password.value);
        forgetDraft();
        return;
      }
      toast("Your address is confirmed. Sign in now.");
    } catch {
      password.value = ""; // the address was registered before, and has kept that password
      toast("Your address is confirmed. Sign in with the password that you chose first.");
    }
    go(keepingNext("/sign-in"));
  };
  return (
    <OutsideFrame
      title="Confirm your address"
      lead={
        email.value ? (
          <>
            If <strong>{email.value}</strong> is new here, a code is on its way to it.
          </>
        ) : (
          "Enter the code from the e-mail."
        )
      }
      foot={
        <p>
          No e-mail? Look among the spam, then <Resend /> or <a href={keepingNext("/register")}>correct the address</a>.
          Confirmed before? <a href={keepingNext("/sign-in")}>Sign in</a>
        </p>
      }
    >
      <Form action="Confirm" onSend={send}>
        {!password.value && <EmailField />}
        <CodeField code={code} />
      </Form>
    </OutsideFrame>
  );
}

function Resend() {
  const resend = async () => {
    try {
      await post("/auth/resend", { body: { email: draft.email.value.trim() } });
      toast("If the address waits to be confirmed, another code is on its way.");
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <button type="button" class="link" disabled={!draft.email.value} onClick={() => void resend()}>
      send another code
    </button>
  );
}
