// The sign-in screen, and fields of the forms before signing in.

export const emailAddress = "E-mail address";
export const enterAddress = "Enter an address like ada@example.com";
export const code = "Code";
export const signInTitle = "A private photo library that tags itself";
export const signInLead =
  "PixTag finds the people, animals and things in your photos, counts them, and lets you search for them.";
export const continueTitle = "Sign in to continue";
export const continueLead = "You'll return to the page you were on.";
export const deletedTitle = "Your account has been deleted";
export const deletedLead = "PixTag is removing your photos. This takes a few minutes, or hours if there are thousands.";
export const newToPixtag = "New to PixTag?";
export const createAnAccount = "Create an account";
export const signIn = "Sign in";
export const password = "Password";
export const forgotYourPassword = "Forgot your password?";
export const enterTheCode = "Enter the code";
export const notConfirmed = "Your e-mail address isn't confirmed yet.";
