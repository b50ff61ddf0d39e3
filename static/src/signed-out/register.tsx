import { post } from "../api";
import { go } from "../router";
import { Field } from "../ui/field";
import { draft, EmailField, Form, keepingNext, NewPasswordField, OutsideFrame } from "./form";

export function Register() {
  const { given, family, email, password } = draft;
  const send = async () => {
    await post("/auth/register", {
      body: {
        email: email.value.trim(),
        password: password.value,
        given_name: given.value.trim(),
        family_name: family.value.trim(),
      },
    });
    go(keepingNext("/confirm"));
  };
  return (
    <OutsideFrame
      title="Create an account"
      lead="A library of your own, which nobody else sees."
      foot={
        <p>
          You have one? <a href={keepingNext("/sign-in")}>Sign in</a>
        </p>
      }
    >
      <Form action="Create the account" onSend={send}>
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
        <EmailField hint="A code that confirms it is sent there." />
        <NewPasswordField label="Password" password={password} />
      </Form>
    </OutsideFrame>
  );
}
