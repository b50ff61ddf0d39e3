import { place } from "../router";
import { signIn } from "../session";
import { PasswordField } from "../ui/field";
import { draft, EmailField, Form, forgetDraft, keepingNext } from "./form";
import { Frame } from "./frame";

const FIRST = {
  title: "A private photo library that tags itself",
  lead: "PixTag finds the people, animals and things in your photos, counts them, and lets you search for them.",
  isFirst: true,
};
const RETURNING = { title: "Sign in to continue", lead: "You'll return to the page you were on." };
const DELETED = {
  title: "Your account has been deleted",
  lead: "PixTag is removing your photos. This takes a few minutes, or hours if there are thousands.",
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
          <p>New to PixTag?</p>
          <a class="button wide" href={keepingNext("/register")}>
            Create an account
          </a>
        </div>
      }
    >
      <Form
        action="Sign in"
        onSend={send}
        describe={({ kind }) => (kind === "account-not-confirmed" ? <NotConfirmed /> : null)}
      >
        <EmailField />
        <PasswordField
          label="Password"
          value={password.value}
          onValue={(value) => {
            password.value = value;
          }}
          input={{ name: "password", autocomplete: "current-password", required: true, maxLength: 256 }}
        />
        <a class="form-aside" href={keepingNext("/forgot")}>
          Forgot your password?
        </a>
      </Form>
    </Frame>
  );
}

function NotConfirmed() {
  return (
    <>
      Your e-mail address isn't confirmed yet. <a href={keepingNext("/confirm")}>Enter the code</a>
    </>
  );
}
