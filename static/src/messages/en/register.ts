// Registration, confirmation and a forgotten password.

export const addressConfirmed = "Your e-mail address is confirmed. You can sign in now.";
export const confirmEmailAddress = "Confirm your e-mail address";
export const enterCode = "Enter the code from the e-mail, and choose a password.";
export const signIn = "Sign in";
export const confirmAddress = "Confirm address";
export const password = "Password";
export const sendNewCode = "send a new code";
export const resetYourPassword = "Reset your password";
export const forgotLead = "You'll get a code by e-mail.";
export const sendCode = "Send code";
export const passwordChanged = "Your password has been changed. Sign in with the new one.";
export const backToSignIn = "Back to sign-in";
export const changePassword = "Change password";
export const newPassword = "New password";
export const invitedLead = "You've been invited. Your library is private. Only you can see it.";
export const createYourAccount = "Create your account";
export const registerLead = "Your library is private. Only you can see it.";
export const limitedLead = "Only some addresses can register. For others, ask for an invitation.";
export const registrationIsClosed = "Registration is closed";
export const registrationClosedText =
  "Ask the person who runs this PixTag for an invitation. If you have one, open its link.";
export const createAccount = "Create account";
export const givenName = "Given name";
export const familyName = "Family name";
export const confirmationHint = "You'll get a confirmation code by e-mail.";
/** `{0}` is the address. */
export const mailboxHasEmail = "The mailbox has an e-mail for {0}.";
export const codeSent = "We've sent a code to {0} if it isn't registered yet.";
/** `{0}` sends a new code, `{1}` corrects the address, `{2}` leads to the sign-in, `{3}` resets the password. */
export const noEmail = "No e-mail? Check your spam folder, then {0} or {1}. Do you have an account already? {2} or {3}";
export const noEmailInMailbox = "No e-mail? You can {0} or {1}. Do you have an account already? {2} or {3}";
export const correctAddress = "correct the address";
export const resetIt = "reset your password";
export const mailboxShowsNewCode = "The mailbox shows a new code if the address isn't confirmed yet.";
export const newCodeSent = "We've sent a new code if the address isn't confirmed yet.";
/** `{0}` is the address. */
export const mailboxShowsResetCode =
  "The mailbox shows a code for {0} if it has an account. If you don't get it, try again in an hour.";
export const resetCodeSent =
  "We've sent a code to {0} if it has an account. If you don't get it, try again in an hour.";
export const rememberPassword = "Remember your password?";
export const alreadyRegistered = "Already have an account?";
