// The same from CommonJS.
import keyaudit = require("keyaudit");

void keyaudit.check({ demo: true }).then((result) => result.keys.length, (error: unknown) => error instanceof keyaudit.UnsafeError);
