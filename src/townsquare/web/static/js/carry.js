// At a former domain, before a browser is led on from there: what was written without a network waits in what this
// address keeps, and no page of another one can look into that. So it is sent from here.

import { sendAll, waiting } from "./outbox.js";

const PATIENCE = 10_000;
const on = document.querySelector("[data-carry]");
const account = document.getElementById("words").dataset.account, csrf = document.querySelector("[name=csrf]").value;

async function sent() {
  if (!(await waiting(account)).length) return true;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([sendAll({ account, csrf }), late]);
  return !(await waiting(account)).length;
}

if (await sent().catch(() => true)) location.replace(on.href);
else document.querySelector("[data-left]").hidden = false;
