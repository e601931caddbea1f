// What the checks need to know about the page that is shown
() => {
  const visible = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const count = selector => [...document.querySelectorAll(selector)].filter(visible).length;
  const describe = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 100);
  const wide = [...document.querySelectorAll('body *')]
    .filter(element => visible(element) && element.getBoundingClientRect().right > innerWidth + 1);
  // On a phone the navigation is in a menu, which its summary opens
  const folded = [...document.querySelectorAll('details:not([open]) nav')]
    .filter(nav => visible(nav.closest('details').querySelector('summary'))).length;
  return {
    title: document.title.trim(),
    headings: [...document.querySelectorAll('h1')].filter(visible).map(one => one.textContent.replace(/\s+/g, ' ').trim()),
    language: document.documentElement.lang,
    viewport: document.querySelector('meta[name=viewport]')?.content ?? '',
    main: count('main, [role=main]'),
    navigation: count('nav, [role=navigation]') + folded,
    banner: count('body > header, [role=banner]'),
    width: document.documentElement.scrollWidth,
    window: innerWidth,
    wide: wide.slice(0, 3).map(describe),
  };
}
