// Studio's own server, asked by its page.

/**
 * Ask for a path. Whatever changes something carries the header that no other site can send.
 *
 * Throws an Error that says what went wrong, in words for the page.
 */
export async function ask(path, { method = "GET", body, prefer } = {}) {
  const headers = { ...(method !== "GET" && { "X-Stacksync-Studio": "1" }), ...(prefer && { Prefer: prefer }) };
  const response = await fetch(path, { method, body, headers }).catch(() => {
    throw new Error("Studio does not answer: is stacksync dev still running?");
  });
  if (!response.ok) throw new Error((await response.text()).trim() || `Studio answered ${response.status}.`);
  return response;
}

/** Return the HTML of a path. */
export async function html(path, options) {
  return (await ask(path, options)).text();
}
