import { place } from "../router";
import { signIn } from "../session";
import { PasswordField } from "../ui/field";
import { draft, EmailField, Form, forgetDraft, keepingNext, OutsideFrame } from "./form";

export function SignIn() {
  const { email, password } = draft;
  const send = async () => {
    await signIn(email.value.trim(), password.value);
    forgetDraft();
  };
  const isReturning = place.value.query.has("next");
  const isDeleted = place.value.query.has("deleted");
  return (
    <OutsideFrame
      title={isDeleted ? "Your account is deleted" : isReturning ? "Sign in to go on" : "Welcome back"}
      lead={
        isDeleted
          ? "Your photographs are being removed; that takes minutes, with thousands of them hours."
          : isReturning
            ? "Then you are where you were."
            : "Your photographs, and what is on them."
      }
      foot={
        <p>
          New here? <a href={keepingNext("/register")}>Create an account</a>
        </p>
      }
    >
      <Form
        action="Sign in"
        onSend={send}
        say={({ kind }) => (kind === "account-not-confirmed" ? <NotConfirmed /> : null)}
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
          Forgotten your password?
        </a>
      </Form>
    </OutsideFrame>
  );
}

function NotConfirmed() {
  return (
    <>
      The address is not confirmed yet. <a href={keepingNext("/confirm")}>Enter the code from the e-mail</a>
    </>
  );
}
