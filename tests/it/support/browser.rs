//! Headless Chromium, driven by its own protocol through two pipes.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::needs::{has, skip};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with one page open.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    /// What the page said or asked for that it should not have.
    faults: Vec<String>,
    loaded: bool,
    /// What every address begins with that may be asked for.
    within: String,
    profile: TempDir,
}

impl Browser {
    /// None, with a line that says so, where there is no Chromium (an error where everything has to run).
    pub(crate) fn open(page: &Path) -> Option<Self> {
        let page = format!("file://{}", page.canonicalize().unwrap().display());
        Self::visit(&page, &page)
    }

    /// The page at an address, which may ask for whatever begins with `within`.
    pub(crate) fn visit(page: &str, within: &str) -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let Some(name) = names.iter().find(|name| has(name)) else {
            skip(names[0]);
            return None;
        };
        let profile = TempDir::new().unwrap();
        let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
            --disable-component-update --disable-sync --touch-events=enabled --window-size=1280,740 --remote-debugging-pipe";
        let line = format!(
            "exec {name} {flags} --user-data-dir={} about:blank 3<&0 4>&1 </dev/null >/dev/null 2>&1",
            profile.path().display()
        );
        let mut child = Command::new("sh")
            .args(["-c", &line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self {
            child,
            to,
            from,
            session: None,
            last: 0,
            faults: Vec::new(),
            loaded: false,
            within: within.to_owned(),
            profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.call("Page.navigate", &json!({ "url": page }));
        let deadline = Instant::now() + PATIENCE;
        while !browser.loaded {
            assert!(Instant::now() < deadline, "the page does not load");
            browser.take_in();
        }
        browser.wait("document.body.classList.contains('js')");
        Some(browser)
    }

    /// Reads one message; answers are given back, events are judged.
    fn take_in(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.by_ref().read_until(0, &mut bytes).unwrap();
        bytes.pop();
        assert!(!bytes.is_empty(), "the browser has ended");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled") => {
                self.faults.push(params.to_string());
            }
            Some("Network.requestWillBeSent") => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("data:") && !url.starts_with(&self.within) {
                    self.faults.push(format!("a request for {url}"));
                }
            }
            _ => {}
        }
        message
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let answer = self.take_in();
            if answer["id"] == json!(self.last) {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// The value that a promise in the page comes to.
    pub(crate) fn settle(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{result}");
        result["result"]["value"].clone()
    }

    /// Another window: a phone's when it is that narrow.
    pub(crate) fn resize(&mut self, (width, height): (u32, u32)) {
        let phone = width < 700;
        let window = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", &window);
        self.wait(&format!("innerWidth === {width}"));
    }

    /// What the page is shown on (`screen`, `print`), and whether it is `light` or `dark`.
    pub(crate) fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// The page as a PDF, as a person would print it.
    pub(crate) fn print(&mut self) -> Vec<u8> {
        let how = json!({ "printBackground": true, "preferCSSPageSize": true });
        let data = self.call("Page.printToPDF", &how)["data"].as_str().unwrap().to_owned();
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap()
    }

    /// Nothing can be reached any more, as when a phone has left the room.
    pub(crate) fn go_offline(&mut self) {
        let how = json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.call("Network.emulateNetworkConditions", &how);
    }

    /// What axe-core finds in the page that is serious or worse. `axe` is its source ([`super::axe::source`]).
    pub(crate) fn barriers(&mut self, axe: &str) -> Vec<String> {
        self.evaluate(&format!("{axe}; 1"));
        let found = self.settle(
            "axe.run().then(found => found.violations.filter(one => ['serious', 'critical'].includes(one.impact)) \
             .map(one => one.id + ': ' + one.nodes.slice(0, 4).map(node => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))",
        );
        found.as_array().unwrap().iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Whether an expression is true.
    pub(crate) fn is(&mut self, expression: &str) -> bool {
        self.evaluate(&format!("!!({expression})")) == true
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.is(expression) {
            assert!(Instant::now() < deadline, "never: {expression}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses what a selector finds, in its middle, as a person does: whatever lies over it gets that.
    pub(crate) fn press(&mut self, selector: &str) {
        let middle = format!(
            "(({{ left, top, width, height }}) => [left + width / 2, top + height / 2])(document.querySelector('{selector}').getBoundingClientRect())"
        );
        let middle = self.evaluate(&middle);
        for kind in ["mousePressed", "mouseReleased"] {
            let press =
                json!({ "type": kind, "x": middle[0], "y": middle[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &press);
        }
    }

    /// The file that `press` lets the page save, once all of it is there.
    pub(crate) fn saved(&mut self, press: impl FnOnce(&mut Self)) -> PathBuf {
        // A folder of its own: the last one has the same name, and the browser may not have done with it.
        let folder = tempfile::tempdir_in(self.profile.path()).unwrap().keep();
        let how = json!({ "behavior": "allow", "downloadPath": folder });
        self.call("Page.setDownloadBehavior", &how);
        press(self);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            if let Some(file) = files.find(|path| path.extension().is_some_and(|end| end == "html")) {
                return file;
            }
            assert!(Instant::now() < deadline, "nothing was saved");
            // Its events tell how far it is.
            self.evaluate("1");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses a key and lets it go.
    pub(crate) fn key(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        self.call("Input.dispatchKeyEvent", &json!({ "type": "keyDown", "key": key, "text": text }));
        self.call("Input.dispatchKeyEvent", &json!({ "type": "keyUp", "key": key }));
    }

    /// Moves a finger from one column of pixels to another.
    pub(crate) fn swipe(&mut self, from: i32, to: i32) {
        let touch = |kind: &str, x: Option<i32>| {
            let points: Vec<Value> = x.into_iter().map(|x| json!({ "x": x, "y": 200 })).collect();
            json!({ "type": kind, "touchPoints": points })
        };
        self.call("Input.dispatchTouchEvent", &touch("touchStart", Some(from)));
        self.call("Input.dispatchTouchEvent", &touch("touchMove", Some(to)));
        self.call("Input.dispatchTouchEvent", &touch("touchEnd", None));
    }

    /// Nothing was fetched, nothing went wrong, and nothing was written to the console.
    pub(crate) fn is_quiet(&mut self) {
        self.evaluate("1");
        assert!(self.faults.is_empty(), "{:#?}", self.faults);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
