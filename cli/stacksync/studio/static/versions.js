// Two versions beside each other: a page to read, whose places open files.

import { begin as beginCopying } from "./copying.js";
import { begin as beginEditor } from "./editor.js";

beginCopying();
beginEditor(() => location.reload());
