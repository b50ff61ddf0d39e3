// The invitation in the link to the registration form. It is behind the "#", so the browser doesn't send it. Pure.

export interface Invitation {
  readonly token: string;
  readonly email: string;
}

/** Return the invitation in the fragment of an address; null if there is none. */
export function parseInvitation(fragment: string): Invitation | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const [token, email] = [fields.get("invitation"), fields.get("email")];
  return token && email ? { token, email } : null;
}
