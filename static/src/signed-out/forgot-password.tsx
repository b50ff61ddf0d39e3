import { useSignal } from "@preact/signals";
import * as messages from "#messages/register";
import { post } from "../api";
import { go } from "../router";
import { fill } from "../ui/fill";
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
      title={messages.resetYourPassword}
      lead={messages.forgotLead}
      foot={
        <p>
          {messages.rememberPassword} <a href={keepingNext("/sign-in")}>{messages.signIn}</a>
        </p>
      }
    >
      <Form key="request" action={messages.sendCode} onSend={send}>
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
    toast(messages.passwordChanged);
    go(keepingNext("/sign-in"));
  };
  return (
    <Frame
      title={messages.resetYourPassword}
      lead={fill(
        mailbox.value ? messages.mailboxShowsResetCode : messages.resetCodeSent,
        <strong>{email.value}</strong>,
      )}
      foot={
        <p>
          <a href={keepingNext("/sign-in")}>{messages.backToSignIn}</a>
        </p>
      }
    >
      <CodeMailbox />
      <Form key="reset" action={messages.changePassword} onSend={send}>
        <CodeField code={code} />
        <NewPasswordField label={messages.newPassword} password={password} />
      </Form>
    </Frame>
  );
}
