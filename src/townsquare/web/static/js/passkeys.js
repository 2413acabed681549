// Passkeys: made, and used in place of a password. Where the browser knows none, what asks for them stays hidden.

import { all, learn } from "./enhance.js";
import { say } from "./words.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function questionOf(asked) {
  const question = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) question.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) question.excludeCredentials = known(asked.excludeCredentials);
  if (asked.allowCredentials) question.allowCredentials = known(asked.allowCredentials);
  return question;
}

function answerOf(credential) {
  const { response } = credential, given = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) given[name] = text(response[name]);
  }
  if (response.getTransports) given.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: given,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function ask(form, address) {
  const { csrf, at } = form.elements;
  const body = new URLSearchParams({ csrf: csrf.value, ...(at && { at: at.value }) });
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
  return questionOf(await answer.json());
}

function send(place, form, credential) {
  form.elements[place.dataset.field ?? "passkey"].value = answerOf(credential);
  for (const field of form.querySelectorAll("[type=password]")) field.required = false;
  form.requestSubmit();
}

async function use(place, form) {
  const said = place.querySelector("[role=status]"), button = place.querySelector("button");
  waiting?.abort();
  button.disabled = true;
  said.textContent = say("passkey-waits");
  try {
    const { asked, question } = place.dataset;
    const publicKey = asked ? questionOf(JSON.parse(asked)) : await ask(form, question);
    const credential = await navigator.credentials[place.dataset.passkey]({ publicKey });
    said.textContent = "";
    send(place, form, credential);
  } catch (error) {
    said.textContent = say(error.name === "InvalidStateError" ? "passkey-known" : "passkey-failed");
  } finally {
    button.disabled = false;
  }
}

let waiting;

// A passkey that the browser offers where the name is typed, if it can.
async function offer(place, form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  try {
    const publicKey = await ask(form, place.dataset.question);
    send(place, form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal }));
  } catch {
    // Nobody chose one, or the button was pressed: both are fine.
  }
}

function passkeys(root) {
  if (!window.PublicKeyCredential) return;
  for (const place of all(root, "[data-passkey]")) {
    const form = place.closest("form");
    place.hidden = false;
    place.querySelector("button").addEventListener("click", (event) => {
      event.preventDefault();
      if (place.dataset.passkey === "get" || form.reportValidity()) use(place, form);
    });
    if ("offered" in place.dataset) offer(place, form);
  }
}

learn(passkeys);
