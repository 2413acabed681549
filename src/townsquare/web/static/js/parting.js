// The forms with which one leaves: then nothing of one's own is left on the device.

export const PARTING = ["/sign-out", "/settings/delete"];
