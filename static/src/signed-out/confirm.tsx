import { useSignal } from "@preact/signals";
import { post } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { signIn } from "../session";
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
      toast("Your e-mail address is confirmed. You can sign in now.");
      go(keepingNext("/sign-in"));
    }
  };
  return (
    <Frame
      title="Confirm your e-mail address"
      lead={
        email.value ? (
          <>
            {mailbox.value ? "The mailbox has an e-mail for " : "We've sent a code to "}
            <strong>{email.value}</strong>
            {!mailbox.value && " if it isn't registered yet"}.
          </>
        ) : (
          "Enter the code from the e-mail, and choose a password."
        )
      }
      foot={
        <p>
          {mailbox.value ? "No e-mail? You can " : "No e-mail? Check your spam folder, then "}
          <Resend /> or <a href={keepingNext("/register")}>correct the address</a>. Do you have an account already?{" "}
          <a href={keepingNext("/sign-in")}>Sign in</a> or <a href={keepingNext("/forgot")}>reset your password</a>
        </p>
      }
    >
      <CodeMailbox />
      <Form action="Confirm address" onSend={send}>
        {!isRegistered && <EmailField />}
        <CodeField code={code} />
        {!isRegistered && <NewPasswordField label="Password" password={password} />}
      </Form>
    </Frame>
  );
}

function Resend() {
  const resend = async () => {
    try {
      const response = await post("/auth/resend", { body: { email: draft.email.value.trim() } });
      mailbox.value = response.mailbox;
      toast(`${mailbox.value ? "The mailbox shows" : "We've sent"} a new code if the address isn't confirmed yet.`);
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <button type="button" class="link" disabled={!draft.email.value} onClick={() => void resend()}>
      send a new code
    </button>
  );
}
