// All that is reached by keys on the page as it is: an expression, an array of elements.
[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]"))
  .filter((one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
