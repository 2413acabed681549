// What makes the pages more comfortable. All of them work without it.

import { listenForActions } from "./actions.js";
import { copying, notes, selecting } from "./comfort.js";
import { composers } from "./composer.js";
import { enhance, learn } from "./enhance.js";
import { listenForMenus } from "./menus.js";
import { passkeys } from "./passkeys.js";
import { focusPoints, loops } from "./pictures.js";
import { links, polls } from "./posts.js";
import { searches } from "./searches.js";
import { keepTime, times } from "./times.js";
import { viewer } from "./viewer.js";

learn(times, focusPoints, loops, notes, copying, selecting, composers, searches, passkeys, links, polls, viewer);
enhance(document);
keepTime();
listenForActions();
listenForMenus();
