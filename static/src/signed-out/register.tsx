import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post } from "../api";
import { readHealth } from "../library/health";
import { go } from "../router";
import type { Health } from "../schemas";
import { Field } from "../ui/field";
import { draft, EmailField, Form, invitation, keepingNext, mailbox, NewPasswordField } from "./form";
import { Frame } from "./frame";
import { parseInvitation } from "./invitation";

type Mode = Health["registration"];

export function Register() {
  const mode = useSignal<Mode | null>(null);
  const invited = parseInvitation(location.hash);
  if (invited && invited.token !== invitation.value?.token) {
    invitation.value = invited;
    draft.email.value = invited.email;
  }
  useEffect(() => {
    readHealth().then(
      ({ registration }) => {
        mode.value = registration;
      },
      () => {
        mode.value = "open"; // the response to the form says what is wrong
      },
    );
  }, []);
  if (invitation.value) {
    return <RegistrationForm lead="You've been invited. Your library is private. Only you can see it." />;
  }
  switch (mode.value) {
    case null:
      return <Frame title="Create your account" lead="Your library is private. Only you can see it." />;
    case "closed":
      return <Closed />;
    case "limited":
      return <RegistrationForm lead="Only some addresses can register. For others, ask for an invitation." />;
    default:
      return <RegistrationForm lead="Your library is private. Only you can see it." />;
  }
}

function Closed() {
  return (
    <Frame
      title="Registration is closed"
      lead="Ask the person who runs this PixTag for an invitation. If you have one, open its link."
      foot={<SignInLink />}
    />
  );
}

function SignInLink() {
  return (
    <p>
      Already have an account? <a href={keepingNext("/sign-in")}>Sign in</a>
    </p>
  );
}

function RegistrationForm({ lead }: { readonly lead: string }) {
  const { given, family, email, password } = draft;
  const send = async () => {
    const response = await post("/auth/register", {
      body: {
        email: email.value.trim(),
        password: password.value,
        given_name: given.value.trim(),
        family_name: family.value.trim(),
        ...(invitation.value && { invitation: invitation.value.token }),
      },
    });
    mailbox.value = response.mailbox;
    go(keepingNext("/confirm"));
  };
  return (
    <Frame title="Create your account" lead={lead} foot={<SignInLink />}>
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
        <EmailField hint="You'll get a confirmation code by e-mail." isFixed={invitation.value !== null} />
        <NewPasswordField label="Password" password={password} />
      </Form>
    </Frame>
  );
}
