// What makes the pages more comfortable. All of them work without it.

import { listenForActions } from "./actions.js";
import { answering } from "./answer.js";
import { copying, notes, selecting } from "./comfort.js";
import { composers, landing } from "./composer.js";
import { learn } from "./enhance.js";
import { installed } from "./installed.js";
import { listenForKeys } from "./keyboard.js";
import { known, live } from "./live.js";
import { listenForMenus } from "./menus.js";
import { focusPoints, loops } from "./pictures.js";
import { links, polls } from "./posts.js";
import { keepPush } from "./push.js";
import { places, readingOn } from "./reading.js";
import { listenForForms } from "./sending.js";
import { keepStyle } from "./styles.js";
import { keepTime, times } from "./times.js";
import { translations } from "./translations.js";
import { typedBefore } from "./typed.js";
import { viewer } from "./viewer.js";

learn(
  times, focusPoints, loops, notes, copying, selecting, composers, answering, readingOn, known, links, polls, viewer,
  translations,
);
landing();
typedBefore();
keepTime();
listenForActions();
listenForForms();
listenForMenus();
listenForKeys();
live();
places();
installed();
keepPush().catch(() => {});
keepStyle().catch(() => {});
