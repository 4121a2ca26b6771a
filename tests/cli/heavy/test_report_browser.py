"""The page of `report` in Chromium: what it shows, what its script does, and that it asks for nothing."""

import json

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from captures import Ng

RULES = "BPF:udp port 53|EACH:flow,dns\nBPF:tcp|EACH:flow,other\n"
HOSTILE = "<script>document.title='gone'</script><img src=http://192.0.2.1/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


@pytest.fixture
def shown(browser, run, label, repo, tmp_path):
    """Shows the report of the bundled capture, and gives it as JSON."""
    labelled = label(RULES, "-q", "-s", repo / "datasets/mixed/mixed.pcap").output
    run("report", "-q", "-o", tmp_path / "page.html", labelled)
    browser.set_window_size(1280, 2000)
    browser.get((tmp_path / "page.html").as_uri())
    return json.loads(run("report", "--json", labelled).stdout)


def requests(browser):
    """The addresses that the page has asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [message["params"]["request"]["url"] for message in messages
            if message["method"] == "Network.requestWillBeSent"]


def tips(browser, caption, word):
    """What the shapes of a picture tell that have this word, in their order."""
    figure = next(f for f in browser.find_elements(By.TAG_NAME, "figure")
                  if f.find_element(By.TAG_NAME, "figcaption").text == caption)
    return [tip for shape in figure.find_elements(By.CSS_SELECTOR, "svg [data-tip]")
            if word in (tip := shape.get_attribute("data-tip"))]


def test_asks_for_nothing(browser, shown):
    assert [url for url in requests(browser) if not url.startswith("file:///")] == []
    assert browser.get_log("browser") == []


def test_pictures_have_the_values_of_the_json(browser, shown):
    for key in ("samples", "packets", "bytes"):
        assert tips(browser, "Labels", key) == \
            [f"{row['label']}, {key}: {row[key]:,}" for row in shown["labels"]]
    assert tips(browser, "Bytes of a packet on the wire", "median") == \
        [f"{row['label']}, median: {row['median']:,}" for row in shown["lengths"]]
    assert tips(browser, "Protocols of each label", "packets") == \
        [f"{row['label']} {row['protocol']}, packets: {row['packets']:,}" for row in shown["protocols"]]


def test_bars_are_as_long_as_their_values(browser, shown):
    bars = browser.find_elements(By.CSS_SELECTOR, 'rect.mark[data-tip*=", packets: "]')[:2]
    lengths = [float(bar.get_attribute("width")) for bar in bars]
    values = [row["packets"] for row in shown["labels"]]
    assert lengths[1] / lengths[0] == pytest.approx(values[1] / values[0], rel=0.01)


def test_tables_are_sorted_by_their_heads(browser, shown):
    details = browser.find_element(By.TAG_NAME, "details")
    details.find_element(By.TAG_NAME, "summary").click()

    def column():
        return [int(cell.text.replace(",", ""))
                for cell in details.find_elements(By.CSS_SELECTOR, "tbody td:nth-child(3)")]

    head = details.find_element(By.CSS_SELECTOR, "th:nth-child(3) button")
    expected = sorted(row["packets"] for row in shown["labels"])
    head.click()
    assert column() == expected
    head.send_keys("\n")
    assert column() == expected[::-1]


def test_tips_and_choice_of_a_label(browser, shown):
    bar = browser.find_element(By.CSS_SELECTOR, "rect.mark[data-tip]")
    ActionChains(browser).move_to_element(bar).perform()
    tip = browser.find_element(By.ID, "tip")
    assert tip.is_displayed() and tip.text == bar.get_attribute("data-tip")
    Select(browser.find_element(By.CSS_SELECTOR, "#pick select")).select_by_visible_text("dns")
    rows = browser.find_elements(By.CSS_SELECTOR, "svg .row.picked")
    assert rows and {row.get_attribute("data-name") for row in rows} == {"dns"}
    assert browser.find_elements(By.CSS_SELECTOR, "svg .row.dim")


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_window(browser, shown, width, scheme):
    """Wide pictures and tables scroll by themselves; ink and paper differ in both schemes."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 2000, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    page, window = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert page <= window
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_hostile_labels_stay_text(browser, run, tmp_path):
    capture = Ng().interface()
    for time in range(3):
        capture.packet(time=time, comments=[f"1,{HOSTILE}"])
    (tmp_path / "x.pcapng").write_bytes(bytes(capture))
    run("report", "-q", "-o", tmp_path / "page.html", tmp_path / "x.pcapng")
    requests(browser)
    browser.get((tmp_path / "page.html").as_uri())
    assert browser.title == "x.pcapng"
    assert [url for url in requests(browser) if not url.startswith("file:///")] == []
    assert HOSTILE in browser.find_element(By.CSS_SELECTOR, "details td").get_attribute("textContent")
