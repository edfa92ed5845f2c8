// All is prepared: the own realm gets the runtime.

installRealm(self);
