import { useSignal } from "@preact/signals";
import * as messages from "#messages/register";
import { post } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { signIn } from "../session";
import { fill } from "../ui/fill";
import { toast } from "../ui/toasts";
import { CodeMailbox } from "./code-mailbox";
import { CodeField, draft, EmailField, Form, forgetDraft, keepingNext, mailbox, NewPasswordField } from "./form";
import { Frame } from "./frame";

export function Confirm() {
  const { given, family, email, password } = draft;
  const code = useSignal("");
  const isRegistered = useSignal(password.value !== "").value; // in this tab, without a reload since then
  const send = async () => {
    await post("/auth/confirm", {
      body: {
        email: email.value.trim(),
        code: code.value.trim(),
        password: password.value,
        given_name: given.value.trim(),
        family_name: family.value.trim(),
      },
    });
    try {
      await signIn(email.value.trim(), password.value);
      forgetDraft();
    } catch {
      toast(messages.addressConfirmed);
      go(keepingNext("/sign-in"));
    }
  };
  return (
    <Frame
      title={messages.confirmEmailAddress}
      lead={
        email.value
          ? fill(mailbox.value ? messages.mailboxHasEmail : messages.codeSent, <strong>{email.value}</strong>)
          : messages.enterCode
      }
      foot={
        <p>
          {fill(
            mailbox.value ? messages.noEmailInMailbox : messages.noEmail,
            <Resend />,
            <a href={keepingNext("/register")}>{messages.correctAddress}</a>,
            <a href={keepingNext("/sign-in")}>{messages.signIn}</a>,
            <a href={keepingNext("/forgot")}>{messages.resetIt}</a>,
          )}
        </p>
      }
    >
      <CodeMailbox />
      <Form action={messages.confirmAddress} onSend={send}>
        {!isRegistered && <EmailField />}
        <CodeField code={code} />
        {!isRegistered && <NewPasswordField label={messages.password} password={password} />}
      </Form>
    </Frame>
  );
}

function Resend() {
  const resend = async () => {
    try {
      const response = await post("/auth/resend", { body: { email: draft.email.value.trim() } });
      mailbox.value = response.mailbox;
      toast(mailbox.value ? messages.mailboxShowsNewCode : messages.newCodeSent);
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <button type="button" class="link" disabled={!draft.email.value} onClick={() => void resend()}>
      {messages.sendNewCode}
    </button>
  );
}
