// A small app on masto.js (https://github.com/neet/masto.js): it does what is asked for in its arguments, and prints what
// it saw as JSON. Arguments: the service's address, a login, its password, another person's token.

import { readFile } from "node:fs/promises";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient, MastoHttpError } from "masto";

const [url, username, password, othersToken, picture] = process.argv.slice(2);
const scopes = "read write follow push";

async function signIn() {
  const app = await createRestAPIClient({ url }).v1.apps.create({
    clientName: "Masto", redirectUris: "urn:ietf:wg:oauth:2.0:oob", scopes, website: "https://masto.example",
  });
  const oauth = createOAuthAPIClient({ url });
  const token = await oauth.token.create({
    grantType: "password", clientId: app.clientId, clientSecret: app.clientSecret, username, password, scope: scopes,
  });
  return token.accessToken;
}

async function refusal(act) {
  try {
    await act();
  } catch (error) {
    if (error instanceof MastoHttpError) {
      return { status: error.statusCode, message: error.message };
    }
    throw error;
  }
  return null;
}

// The next event of one kind.
async function nextOf(events, kind) {
  for await (const event of events) {
    if (event.event === kind) {
      return event;
    }
  }
}

async function watch() {
  const streams = createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming, accessToken, retry: false,
  });
  const user = streams.user.subscribe();
  const tagged = streams.hashtag.subscribe({ tag: "masto" });
  const heard = Promise.all([nextOf(user, "notification"), nextOf(tagged, "update")]);
  const posts = [];
  const post = async () => {
    const status = `@${username.split("@")[0]} look #masto`;
    posts.push((await other.v1.statuses.create({ status })).id);
  };
  await post();
  const again = setInterval(post, 250); // subscribing has no answer, so it is said again until it is heard
  const [notification, update] = await heard;
  clearInterval(again);
  streams.close();
  return { posts, notification: notification.payload, update: update.payload };
}

const accessToken = await signIn();
const me = createRestAPIClient({ url, accessToken });
const other = createRestAPIClient({ url, accessToken: othersToken });
const account = await me.v1.accounts.verifyCredentials();
const instance = await me.v2.instance.fetch();

const media = await me.v2.media.create({
  file: new Blob([await readFile(picture)], { type: "image/jpeg" }), description: "A hill", focus: "0.5,-0.5",
});
const posts = [];
for (const number of [1, 2, 3, 4, 5]) {
  posts.push(await me.v1.statuses.create({ status: `Page ${number} #mastopages`, visibility: "public" }));
}
const illustrated = await me.v1.statuses.create({ status: "With a hill", mediaIds: [media.id], language: "en" });
const poll = await me.v1.statuses.create({
  status: "Tea or coffee?", poll: { options: ["Tea", "Coffee"], expiresIn: 3600, multiple: false },
});
const voted = await other.v1.polls.$select(poll.poll.id).votes.create({ choices: [1] });
const edited = await me.v1.statuses.$select(illustrated.id).update({
  status: "With a better hill", mediaIds: [media.id],
  mediaAttributes: [{ id: media.id, description: "A better hill", focus: "0,0" }],
});

const pages = [];
for await (const page of me.v1.timelines.tag.$select("mastopages").list({ limit: 2 })) {
  pages.push(page.map((status) => status.id));
}
const home = await me.v1.timelines.home.list({ limit: 1 });

await other.v1.statuses.$select(posts[0].id).favourite();
const profile = await me.v1.accounts.updateCredentials({
  displayName: "Masto", fieldsAttributes: [{ name: "Made of", value: "JavaScript" }], source: { language: "fr" },
});
const filter = await me.v2.filters.create({
  title: "Coffee", context: ["home", "public"], filterAction: "warn",
  keywordsAttributes: [{ keyword: "coffee", wholeWord: true }],
});
const found = await me.v2.search.list({ q: `@${account.username}`, type: "accounts", limit: 5 });
const stream = await watch();
const notifications = await me.v1.notifications.list({ types: ["mention"], limit: 5 });
const markers = await me.v1.markers.create({ home: { lastReadId: posts[4].id } });
const refused = await refusal(() => me.v1.statuses.$select("1").fetch());
await me.v2.filters.$select(filter.id).remove();

console.log(JSON.stringify({
  account, instance, media, illustrated, edited, poll, voted, pages, profile, filter, found, stream, notifications,
  markers, refused, posts: posts.map((post) => post.id), home: home.map((post) => post.id),
}));
