import * as messages from "#messages/sign-in";
import { place } from "../router";
import { signIn } from "../session";
import { PasswordField } from "../ui/field";
import { draft, EmailField, Form, forgetDraft, keepingNext } from "./form";
import { Frame } from "./frame";

const FIRST = {
  title: messages.signInTitle,
  lead: messages.signInLead,
  isFirst: true,
};
const RETURNING = { title: messages.continueTitle, lead: messages.continueLead };
const DELETED = {
  title: messages.deletedTitle,
  lead: messages.deletedLead,
};

export function SignIn() {
  const { email, password } = draft;
  const send = async () => {
    await signIn(email.value.trim(), password.value);
    forgetDraft();
  };
  const isReturning = place.value.query.has("next");
  const isDeleted = place.value.query.has("deleted");
  return (
    <Frame
      {...(isDeleted ? DELETED : isReturning ? RETURNING : FIRST)}
      foot={
        <div class="signed-out-new">
          <p>{messages.newToPixtag}</p>
          <a class="button wide" href={keepingNext("/register")}>
            {messages.createAnAccount}
          </a>
        </div>
      }
    >
      <Form
        action={messages.signIn}
        onSend={send}
        describe={({ kind }) => (kind === "account-not-confirmed" ? <NotConfirmed /> : null)}
      >
        <EmailField />
        <PasswordField
          label={messages.password}
          value={password.value}
          onValue={(value) => {
            password.value = value;
          }}
          input={{ name: "password", autocomplete: "current-password", required: true, maxLength: 256 }}
        />
        <a class="form-aside" href={keepingNext("/forgot")}>
          {messages.forgotYourPassword}
        </a>
      </Form>
    </Frame>
  );
}

function NotConfirmed() {
  return (
    <>
      {messages.notConfirmed} <a href={keepingNext("/confirm")}>{messages.enterTheCode}</a>
    </>
  );
}
