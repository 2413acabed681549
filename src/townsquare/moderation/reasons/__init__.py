"""Why something was done: the statement of reasons that authors get, what reporters are told, and appeals."""
