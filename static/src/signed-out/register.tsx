import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/register";
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
    return <RegistrationForm lead={messages.invitedLead} />;
  }
  switch (mode.value) {
    case null:
      return <Frame title={messages.createYourAccount} lead={messages.registerLead} />;
    case "closed":
      return <Closed />;
    case "limited":
      return <RegistrationForm lead={messages.limitedLead} />;
    default:
      return <RegistrationForm lead={messages.registerLead} />;
  }
}

function Closed() {
  return <Frame title={messages.registrationIsClosed} lead={messages.registrationClosedText} foot={<SignInLink />} />;
}

function SignInLink() {
  return (
    <p>
      {messages.alreadyRegistered} <a href={keepingNext("/sign-in")}>{messages.signIn}</a>
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
    <Frame title={messages.createYourAccount} lead={lead} foot={<SignInLink />}>
      <Form action={messages.createAccount} onSend={send}>
        <div class="form-pair">
          <Field
            label={messages.givenName}
            value={given.value}
            onValue={(value) => {
              given.value = value;
            }}
            input={{ name: "given-name", autocomplete: "given-name", required: true, maxLength: 100 }}
          />
          <Field
            label={messages.familyName}
            value={family.value}
            onValue={(value) => {
              family.value = value;
            }}
            input={{ name: "family-name", autocomplete: "family-name", required: true, maxLength: 100 }}
          />
        </div>
        <EmailField hint={messages.confirmationHint} isFixed={invitation.value !== null} />
        <NewPasswordField label={messages.password} password={password} />
      </Form>
    </Frame>
  );
}
