// What has the focus: its index among the stops, or -1; null at the end of the page
stops => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const index = stops.elements.indexOf(element);
  const style = getComputedStyle(element);
  const look = [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join(' ');
  const box = element.getBoundingClientRect();
  return {
    index,
    html: element.outerHTML.replace(/\s+/g, ' ').slice(0, 100),
    scrolls: /auto|scroll/.test(style.overflow),
    target: element.matches('a[href^="#"]') ? element.getAttribute('href').slice(1) : '',
    shown: box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0
      && box.left < innerWidth && box.top < innerHeight,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none',
    changed: index < 0 || look !== stops.looks[index],
  };
}
