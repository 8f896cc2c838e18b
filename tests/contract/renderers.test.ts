import { renderHtml, renderMarkdown, renderTerminal } from '../../platform/report/index.ts';
import { testRenderer } from './renderer.ts';

/** The elements that a report itself is made of. */
const own = /^<(\/?(details|summary|br|sub|sup|b|code|pre)\b|!--)/;

testRenderer({
  name: 'Markdown',
  render: renderMarkdown,
  effects: (rendered) => {
    const outsideCode = rendered.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    const elements = outsideCode.match(/<[a-z!?/][^>]*/gi) ?? [];
    const mentions = outsideCode.match(/(?<![\w&])@[a-z]\w*/gi) ?? [];
    return [...elements.filter((element) => !own.test(element)), ...mentions];
  },
});

testRenderer({
  name: 'terminal',
  render: (report) => renderTerminal(report, { colour: false, whole: true }),
  // They move the cursor, set titles and colours.
  effects: (rendered) => rendered.match(/(?!\n)\p{Cc}/gu) ?? [],
});

/** A page without the code and styles that it brings, which are the same in every page. */
const contentOf = (page: string) => page.replace(/<(script|style)>.*?<\/\1>/gs, '');

/** What an HTML report is made of, and the attributes that it sets, which run nothing. */
const elements =
  'html head meta title body header main nav section details summary h1 h2 p pre button table thead tbody tr th td div ' +
  'span code figure canvas img dl dt dd';
const attributes =
  'lang charset http-equiv content name class id type role aria-label tabindex data-figure src alt open';

testRenderer({
  name: 'HTML',
  render: (report) => contentOf(renderHtml(report)),
  effects: (rendered) => {
    const tags = [...rendered.matchAll(/<[/]?([^\s>]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*>|</g)];
    return tags.flatMap(([tag, name = '', rest = '']) => {
      const set = [...rest.matchAll(/([\w-]+)(?:="[^"]*")?/g)].map(
        ([, attribute = '']) => attribute,
      );
      const known = `!doctype ${elements}`.split(' ').includes(name);
      const harmless =
        name === '!doctype' || set.every((one) => attributes.split(' ').includes(one));
      return known && harmless ? [] : [tag];
    });
  },
});
