// What makes the pages more comfortable. All of them work without it.

import { listenForActions } from "./actions.js";
import { copying, notes, selecting } from "./comfort.js";
import { composers } from "./composer.js";
import { enhance, learn } from "./enhance.js";
import { listenForMenus } from "./menus.js";
import { passkeys } from "./passkeys.js";
import { focusPoints, loops } from "./pictures.js";
import { searches } from "./searches.js";
import { keepTime, times } from "./times.js";

learn(times, focusPoints, loops, notes, copying, selecting, composers, searches, passkeys);
enhance(document);
keepTime();
listenForActions();
listenForMenus();
