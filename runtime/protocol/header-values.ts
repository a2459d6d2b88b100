/**
 * Text of any kind as the value of an HTTP header, and back: what a header cannot carry as it is travels as Base64 between markers.
 * Streamable HTTP, value encoding; requirements HTTP-109, HTTP-111, HTTP-146 to HTTP-154. No platform but the web's is needed.
 */

const OPEN = "=?base64?";
const CLOSE = "?=";

/** What a header carries unchanged: visible ASCII with spaces inside. A tab is a control character. */
const PLAIN = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;

/** What may stand in a received value at all. */
const LEGAL = /^[\t -~]*$/;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The value to send for a text. A text that looks encoded is encoded, so that it cannot be taken for what it is not. */
export function encodeHeaderValue(text: string): string {
  if (PLAIN.test(text) && !(text.startsWith(OPEN) && text.endsWith(CLOSE))) return text;
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return OPEN + btoa(bytes) + CLOSE;
}

/**
 * The text that a received value stands for; blanks around it are no part of it. `undefined` where the value has characters that no
 * header may have, or where what stands between the markers is no padded Base64 of UTF-8.
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (!LEGAL.test(value)) return undefined;
  const text = value.replace(/^[\t ]+/, "").trimEnd();
  if (text.length < OPEN.length + CLOSE.length || !text.startsWith(OPEN) || !text.endsWith(CLOSE)) return text;
  const content = text.slice(OPEN.length, -CLOSE.length);
  if (!BASE64.test(content)) return undefined;
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The bytes are no UTF-8, which is one of the answers.
    return undefined;
  }
}
