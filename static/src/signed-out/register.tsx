import { post } from "../api";
import { go } from "../router";
import { Field } from "../ui/field";
import { draft, EmailField, Form, keepingNext, mailbox, NewPasswordField } from "./form";
import { Frame } from "./frame";

export function Register() {
  const { given, family, email, password } = draft;
  const send = async () => {
    const response = await post("/auth/register", {
      body: {
        email: email.value.trim(),
        password: password.value,
        given_name: given.value.trim(),
        family_name: family.value.trim(),
      },
    });
    mailbox.value = response.mailbox;
    go(keepingNext("/confirm"));
  };
  return (
    <Frame
      title="Create your account"
      lead="Your library is private. Only you can see it."
      foot={
        <p>
          Already have an account? <a href={keepingNext("/sign-in")}>Sign in</a>
        </p>
      }
    >
      <Form action="Create account" onSend={send}>
        <div class="form-pair">
          <Field
            label="Given name"
            value={given.value}
            onValue={(value) => {
              given.value = value;
            }}
            input={{ name: "given-name", autocomplete: "given-name", required: true, maxLength: 100 }}
          />
          <Field
            label="Family name"
            value={family.value}
            onValue={(value) => {
              family.value = value;
            }}
            input={{ name: "family-name", autocomplete: "family-name", required: true, maxLength: 100 }}
          />
        </div>
        <EmailField hint="You'll get a confirmation code by e-mail." />
        <NewPasswordField label="Password" password={password} />
      </Form>
    </Frame>
  );
}
