"""What the page about forms shows works as it stands: the plugin in a real PHP, the template on a letter."""

import re
import subprocess
from pathlib import Path

import orjson
import pytest

from collectors.letters.letter import Letter
from collectors.letters.template import Template, template, template_names
from infra.errors import InvalidInput
from tests.debian import program

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "connect-forms.md").read_text("utf-8")
WORDPRESS = """
$hooks = [];
function add_action($name, $do) { global $hooks; $hooks[$name] = $do; }
function home_url() { return 'https://dealer.example'; }
function wp_json_encode($told) { return json_encode($told); }
function wp_remote_post($address, $what) { echo $address . "\\n" . $what['body']; }
class WPCF7_Submission {
    static function get_instance() { return new self; }
    function get_posted_data() { return ['your-name' => 'Иван', 'your-phone' => '89000000001']; }
    function get_meta($name) { return ['url' => 'https://dealer.example/t', 'timestamp' => 1737129240][$name]; }
    function get_posted_data_hash() { return 'abc'; }
}
class Form { function id() { return 5; } function title() { return 'Тест-драйв'; } }
$_COOKIE = ['closedloop_visit' => 'v-1', 'session' => 'hidden'];
"""


def shown(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_plugin_posts_what_we_read(tmp_path: Path) -> None:
    php = program("php", "php-cli")
    script = tmp_path / "plugin.php"
    plugin = shown("php").removeprefix("<?php\n")
    script.write_text(f"<?php{WORDPRESS}{plugin}$hooks['wpcf7_mail_sent'](new Form);")
    ran = subprocess.run([php, str(script)], capture_output=True, text=True, check=True)
    address, _, body = ran.stdout.partition("\n")
    assert address == "https://loop.example.com/hooks/cf7/TOKEN"
    assert orjson.loads(body) == {
        "source": "cf7", "site": "https://dealer.example", "form_id": 5, "form_title": "Тест-драйв",
        "fields": {"your-name": "Иван", "your-phone": "89000000001"}, "cookies": {"closedloop_visit": "v-1"},
        "page": "https://dealer.example/t", "submitted_at": "2025-01-17T15:54:00+00:00", "posted_data_hash": "abc",
    }  # fmt: skip


def test_the_template_reads_a_letter() -> None:
    told = Template.parse(shown("toml"), "shown")
    letter = Letter(
        "k", "robot@landing.example", "Новая заявка", None, "Имя: Иван\nТелефон: +7 900\nАвтомобиль: Jolion"
    )
    assert told.fits(letter)
    assert not told.fits(Letter("k", "robot@other.example", "Новая заявка", None, ""))
    assert not told.fits(Letter("k", "robot@landing.example", "Счёт", None, ""))
    assert told.read(letter, "RU") == {
        "kind": "email", "source": "landing", "name": "Иван", "phone": "+7 900",
        "properties": {"subject": "Новая заявка", "sender": "robot@landing.example", "car": "Jolion"},
    }  # fmt: skip


@pytest.mark.parametrize("name", template_names())
def test_every_template_that_ships_can_be_read(name: str) -> None:
    assert "phone" in template(name).patterns


@pytest.mark.parametrize(("change", "said"), [
    (("[patterns]", "[patterns"), "cannot be read"),
    (("(.+)'", "(.+'"), "cannot be read"),
    (("(.+)'", ".+'"), "has no group"),
    (("phone =", "fone ="), "no field"),
    (('level = "A"', 'level = "Z"'), "cannot be read"),
])  # fmt: skip
def test_a_template_that_cannot_work_is_told(change: tuple[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Template.parse(shown("toml").replace(*change), "shown")
    assert said in raised.value.message
