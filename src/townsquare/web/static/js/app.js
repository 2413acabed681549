// What makes the pages more comfortable. All of them work without it.

import { listenForActions } from "./actions.js";
import { answering } from "./answer.js";
import { copying, notes, selecting } from "./comfort.js";
import { composers, landing } from "./composer.js";
import { desk } from "./desk.js";
import { enhance, learn } from "./enhance.js";
import { installed } from "./installed.js";
import { listenForKeys } from "./keyboard.js";
import { known, live } from "./live.js";
import { listenForMenus } from "./menus.js";
import { passkeys } from "./passkeys.js";
import { focusPoints, loops } from "./pictures.js";
import { links, polls } from "./posts.js";
import { previews } from "./previews.js";
import { keepPush, pushSwitch } from "./push.js";
import { places, readingOn } from "./reading.js";
import { searches } from "./searches.js";
import { keepTime, times } from "./times.js";
import { translations } from "./translations.js";
import { typedBefore } from "./typed.js";
import { viewer } from "./viewer.js";

learn(
  times, focusPoints, loops, notes, copying, selecting, composers, answering, readingOn, known, pushSwitch, searches,
  passkeys, links, polls, viewer, previews, translations, desk,
);
enhance(document);
landing();
typedBefore();
keepTime();
listenForActions();
listenForMenus();
listenForKeys();
live();
places();
installed();
keepPush().catch(() => {});
