import { renderMarkdown, renderTerminal } from '../../platform/report/index.ts';
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
