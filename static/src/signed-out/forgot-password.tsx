import { useSignal } from "@preact/signals";
import { post } from "../api";
import { go } from "../router";
import { toast } from "../ui/toasts";
import { CodeMailbox } from "./code-mailbox";
import { CodeField, draft, EmailField, Form, keepingNext, mailbox, NewPasswordField } from "./form";
import { Frame } from "./frame";

export function ForgotPassword() {
  const isSent = useSignal(false);
  return isSent.value ? (
    <ResetForm />
  ) : (
    <RequestForm
      onSent={() => {
        isSent.value = true;
      }}
    />
  );
}

function RequestForm({ onSent }: { onSent: () => void }) {
  const { email } = draft;
  const send = async () => {
    const response = await post("/auth/forgot", { body: { email: email.value.trim() } });
    mailbox.value = response.mailbox;
    onSent();
  };
  return (
    <Frame
      title="Reset your password"
      lead="You'll get a code by e-mail."
      foot={
        <p>
          Remember your password? <a href={keepingNext("/sign-in")}>Sign in</a>
        </p>
      }
    >
      <Form key="request" action="Send code" onSend={send}>
        <EmailField />
      </Form>
    </Frame>
  );
}

function ResetForm() {
  const { email } = draft;
  const code = useSignal("");
  const password = useSignal("");
  const send = async () => {
    await post("/auth/reset", {
      body: { email: email.value.trim(), code: code.value.trim(), password: password.value },
    });
    toast("Your password has been changed. Sign in with the new one.");
    go(keepingNext("/sign-in"));
  };
  return (
    <Frame
      title="Reset your password"
      lead={
        <>
          {mailbox.value ? "The mailbox shows a code for " : "We've sent a code to "}
          <strong>{email.value}</strong> if it has an account. If you don't get it, try again in an hour.
        </>
      }
      foot={
        <p>
          <a href={keepingNext("/sign-in")}>Back to sign-in</a>
        </p>
      }
    >
      <CodeMailbox />
      <Form key="reset" action="Change password" onSend={send}>
        <CodeField code={code} />
        <NewPasswordField label="New password" password={password} />
      </Form>
    </Frame>
  );
}
