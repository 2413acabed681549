// What makes the read-only copy of the place more comfortable. It stands at any address, below any path, or in a folder.

import { learn } from "./enhance.js";
import { focusPoints, loops } from "./pictures.js";
import { searchesOfTheMirror } from "./lookup.js";
import { tellOfTheMirror } from "./staleness.js";
import { times } from "./times.js";
import { viewer } from "./viewer.js";

learn(times, focusPoints, loops, viewer, searchesOfTheMirror);
tellOfTheMirror();
