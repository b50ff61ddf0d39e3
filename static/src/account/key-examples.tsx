// Examples of programs with an API key. They name the address of this PixTag.

import * as messages from "#messages/keys";

export function KeyExamples() {
  const origin = location.origin;
  return (
    <details class="key-examples">
      <summary>{messages.examples}</summary>
      <h4>{messages.curlTitle}</h4>
      <pre>
        <code>{messages.curlExample(origin)}</code>
      </pre>
      <h4>{messages.pythonTitle}</h4>
      <pre>
        <code>{messages.pythonExample(origin)}</code>
      </pre>
      <h4>{messages.phoneTitle}</h4>
      <p>{messages.phoneText(origin)}</p>
      <p class="muted">{messages.phoneHint}</p>
    </details>
  );
}
