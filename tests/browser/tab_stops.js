// The links, buttons and fields that Tab should reach, in the order of the document, with how each looks without focus
() => {
  const selector = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, '
    + '[tabindex], [contenteditable=true]';
  const composite = '[role=grid], [role=listbox], [role=menu], [role=menubar], [role=radiogroup], [role=tablist], '
    + '[role=toolbar], [role=tree], [role=treegrid]';
  const operable = element => element.matches('a[href], area[href], button, input, select, textarea, summary');
  const secondRadio = element => {
    if (element.type !== 'radio') return false;
    const group = [...document.querySelectorAll('input[type=radio]')]
      .filter(one => one.name === element.name && one.form === element.form);
    return element !== (group.find(one => one.checked) ?? group[0]);
  };
  const expected = [...document.querySelectorAll(selector)].filter(element =>
    element.checkVisibility({visibilityProperty: true})
    && !element.matches(':disabled') && !element.closest('[inert]')
    && !(element.matches('summary') && element !== element.parentElement.querySelector(':scope > summary'))
    && !(element.tabIndex < 0 && (!operable(element) || element.closest(composite)))
    && !secondRadio(element));
  const look = element => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join(' ');
  };
  document.activeElement?.blur?.();
  return {elements: expected, looks: expected.map(look)};
}
