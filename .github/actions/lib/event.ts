import './assert-event.ts';

/*
 * Whatever of GitHub's library an action uses comes from here: it reads the event's file while it is loaded, and what is wrong with
 * that file would be said in the words of a parser. An `import` beside the other one would not wait for it.
 */
export const { context, getOctokit } = await import('@actions/github');
