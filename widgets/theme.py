"""How the app looks: one palette, one type scale, one chart theme. Class colours come from the universe."""

from __future__ import annotations

from typing import Any

INK = "#1d2733"
MUTED = "#5a6673"
LINE = "#d9dfe5"
SURFACE = "#ffffff"
ACCENT = "#0b5cad"
WARNING = "#9a3412"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

CHART_CONFIG: dict[str, Any] = {
    "background": SURFACE,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": "#edf0f3",
        "domainColor": LINE,
        "tickColor": LINE,
    },
    "text": {"color": INK, "fontSize": 12, "font": FONT},
}

STYLE = f"""
.pl-app {{ color: {INK}; font-family: {FONT}; font-size: 15px; line-height: 1.45; container-type: inline-size; }}
.pl-app.pl-app {{ overflow: clip visible; }}
.pl-app .widget-html-content {{ line-height: 1.45; }}
.pl-app h1 {{ font-size: 26px; margin: 4px 0; font-weight: 650; letter-spacing: -0.01em; }}
.pl-app h2 {{ font-size: 16px; margin: 0 0 2px; font-weight: 650; }}
.pl-app p {{ margin: 2px 0 6px; }}
.pl-app .pl-muted {{ color: {MUTED}; font-size: 13.5px; }}
.pl-app .widget-label {{ color: {INK}; }}
.pl-columns {{ display: grid !important; grid-template-columns: minmax(340px, 400px) minmax(0, 1fr); gap: 18px;
  align-items: start; overflow: visible; }}
.pl-inputs, .pl-results {{ display: grid !important; gap: 14px; min-width: 0; overflow: visible; align-content: start; }}
.pl-results {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
.pl-wide {{ grid-column: 1 / -1; }}
.pl-card {{ background: {SURFACE}; border: 1px solid {LINE}; border-radius: 10px; padding: 14px 16px; margin: 0;
  overflow: hidden; min-width: 0; box-shadow: 0 1px 2px rgb(20 30 40 / 5%); }}
.pl-card > * {{ max-width: 100%; }}
.pl-app > .pl-strip {{ position: sticky; top: 0; z-index: 3; overflow: visible; min-height: 58px; background: {SURFACE};
  border-bottom: 1px solid {LINE}; }}
.pl-keys {{ display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 4px 14px; padding: 6px 2px; }}
.pl-key {{ position: relative; border-radius: 4px; }}
.pl-key span {{ color: {MUTED}; font-size: 12.5px; white-space: nowrap; }}
.pl-key b {{ display: block; line-height: 1.25; font-size: 18px; font-weight: 650; font-variant-numeric: tabular-nums; }}
.pl-key.pl-old b {{ color: {MUTED}; }}
.pl-key small {{ position: absolute; left: 0; top: 100%; width: 230px; padding: 8px 10px; font-size: 13px; line-height: 1.35;
  color: {INK}; background: {SURFACE}; border: 1px solid {LINE}; border-radius: 6px; box-shadow: 0 4px 14px rgb(20 30 40 / 15%);
  clip-path: inset(50%); opacity: 0; pointer-events: none; }}
.pl-key:nth-last-child(-n+2) small {{ left: auto; right: 0; }}
.pl-key:is(:hover, :focus) small {{ clip-path: none; opacity: 1; }}
@container (max-width: 720px) {{ .pl-keys {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
  .pl-key span {{ font-size: 11.5px; }} .pl-key b {{ font-size: 15.5px; }}
  .pl-key:nth-child(3n) small {{ left: auto; right: 0; }} .pl-key:nth-child(5) small {{ left: 0; right: auto; }} }}
.pl-figures {{ display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px 18px; }}
.pl-figure b {{ display: block; font-size: 23px; font-weight: 650; font-variant-numeric: tabular-nums;
  letter-spacing: -0.01em; }}
.pl-figure span {{ font-size: 13.5px; font-weight: 600; }}
.pl-figure small {{ display: block; color: {MUTED}; font-size: 12.5px; line-height: 1.35; }}
.pl-app table.pl-table {{ border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }}
.pl-table td {{ white-space: nowrap; }}
.pl-table th, .pl-table td {{ padding: 3px 6px; text-align: right; border-bottom: 1px solid {LINE}; font-weight: normal; }}
.pl-table th {{ color: {MUTED}; }}
.pl-table th:first-child {{ text-align: left; color: {INK}; }}
.pl-table .pl-mine {{ font-weight: 650; color: {INK}; }}
.pl-blocker {{ border-left: 4px solid {WARNING}; background: #fff4ec; color: #6b240c; padding: 8px 12px; margin: 6px 0;
  border-radius: 4px; }}
.pl-note {{ border-left: 4px solid {ACCENT}; background: #eef5fc; padding: 8px 12px; margin: 6px 0; border-radius: 4px; }}
.pl-meter {{ height: 8px; border-radius: 4px; background: #e8ecf0; margin: 2px 0 8px; }}
.pl-meter i {{ display: block; height: 100%; border-radius: 4px; background: {ACCENT}; }}
.pl-scores {{ display: grid; grid-template-columns: 1fr 1fr; gap: 0 24px; }}
.pl-reasons {{ margin: 4px 0 0; padding-left: 18px; }}
.pl-share {{ display: grid !important; grid-template-columns: minmax(0, 1fr) 40px; align-items: center; overflow: visible; }}
.pl-share .widget-slider {{ width: auto; }}
.pl-inputs .pl-parts, .pl-inputs.pl-parts {{ grid-template-columns: minmax(0, 1fr); gap: 8px; }}
.pl-parts .widget-inline-hbox {{ margin-left: 0; margin-right: 0; min-width: 0; }}
.pl-parts .widget-html-content {{ white-space: normal; }}
.pl-inputs .pl-over {{ flex-wrap: wrap; height: auto; }}
.pl-over > .widget-label {{ width: 100%; max-width: 100%; text-align: left; height: auto; line-height: 1.3; }}
.pl-share .widget-toggle-button {{ width: 34px; padding: 0; }}
.pl-inputs .widget-dropdown, .pl-inputs .widget-text, .pl-inputs .widget-slider, .pl-inputs .widget-checkbox {{
  width: auto; }}
.pl-app h3 {{ font-size: 14px; margin: 10px 0 2px; font-weight: 650; }}
.pl-limits {{ overflow: visible; }}
.pl-limit {{ display: grid !important; grid-template-columns: minmax(0, 1fr) 34px 34px; gap: 4px; align-items: center;
  padding: 4px 0; border-bottom: 1px solid {LINE}; overflow: visible; }}
.pl-limit .widget-button {{ width: 34px; padding: 0; margin: 0; }}
.pl-limit .widget-html-content {{ white-space: normal; font-weight: 600; }}
.pl-limit .widget-vbox, .pl-add {{ overflow: visible; }}
.pl-add {{ display: grid !important; grid-template-columns: minmax(0, 1fr) 90px; gap: 6px; align-items: center; }}
.pl-add .widget-button {{ width: auto; }}
.pl-view {{ border-top: 1px solid {LINE}; padding-top: 4px; overflow: visible; }}
.pl-view .widget-html {{ width: auto; }}
.pl-expectation {{ display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 10px; font-size: 13.5px;
  font-variant-numeric: tabular-nums; }}
.pl-expectation span {{ text-align: right; color: {MUTED}; }}
.pl-expectation span b {{ color: {INK}; }}
.pl-inputs .pl-wide-button {{ width: auto; padding: 0 12px; margin-top: 8px; align-self: flex-start; }}
.pl-inputs .pl-stacked {{ display: grid !important; }}
.pl-busy {{ position: fixed; right: 18px; bottom: 18px; z-index: 20; background: {INK}; color: #fff; padding: 6px 14px;
  border-radius: 18px; visibility: hidden; opacity: 0; font-size: 13.5px; pointer-events: none; }}
.pl-busy.pl-on {{ visibility: visible; opacity: 1; transition: opacity 0s linear 150ms, visibility 0s linear 150ms; }}
.pl-app .widget-readout {{ min-width: 44px; width: 44px; }}
.pl-app .jupyter-widget-Collapse {{ border: 1px solid {LINE}; border-radius: 6px; margin: 4px 0; overflow: hidden; }}
.pl-app .jupyter-widget-Collapse-header {{ background: #f5f7f9; color: {INK}; border: 0; padding: 7px 10px; font-weight: 600; font-size: 14px; }}
.pl-app .jupyter-widget-Collapse-contents {{ border: 0; padding: 8px 10px; }}
body[data-voila] .pl-disclaimer {{ display: none; }}
.pl-files {{ align-items: center; }}
.pl-files > * {{ margin-top: 0; margin-bottom: 0; }}
.pl-row {{ display: flex !important; flex-wrap: wrap; gap: 8px; overflow: visible; }}
.pl-tabs, .pl-tab-panel, .pl-stack {{ overflow: visible; min-width: 0; }}
.pl-tab-list {{ display: flex; flex-wrap: wrap; gap: 2px; border-bottom: 1px solid {LINE}; margin: 2px 0 14px; }}
.pl-tab {{ border: 0; border-bottom: 3px solid transparent; border-radius: 4px 4px 0 0; background: none; color: {MUTED};
  font: inherit; font-weight: 600; padding: 8px 16px 6px; margin-bottom: -1px; cursor: pointer; }}
.pl-tab:hover {{ color: {INK}; background: #f5f7f9; }}
.pl-tab[aria-selected=true] {{ color: {ACCENT}; border-bottom-color: {ACCENT}; }}
.pl-tab:focus-visible {{ outline: 2px solid {ACCENT}; outline-offset: -2px; }}
.pl-stack {{ display: grid !important; gap: 14px; grid-template-columns: minmax(0, 1fr); align-content: start; }}
.pl-stack .widget-html-content {{ min-width: 0; width: 100%; }}
.pl-beside {{ display: flex; flex-wrap: wrap; gap: 14px 28px; align-items: flex-start; }}
.pl-beside > * {{ flex: 1 1 min(440px, 100%); min-width: 0; }}
.pl-scroll {{ overflow-x: auto; }}
.pl-scroll:focus-visible {{ outline: 2px solid {ACCENT}; }}
.pl-table caption {{ text-align: left; font-weight: 600; padding: 2px 6px 4px 0; }}
.pl-table tfoot th, .pl-table tfoot td {{ border-bottom: 0; color: {INK}; font-weight: 650; }}
.pl-app table.pl-household thead th {{ white-space: normal; vertical-align: bottom; }}
.pl-app table.pl-household tbody th {{ position: relative; padding-left: 22px; }}
.pl-household .pl-swatch {{ position: absolute; left: 4px; top: 8px; }}
.pl-swatch {{ display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 7px; }}
.pl-none {{ color: {MUTED}; }}
.pl-app table.pl-compare {{ table-layout: fixed; margin-bottom: 4px; }}
.pl-compare thead td {{ width: 21%; }}
.pl-app .pl-compare th, .pl-app .pl-words td {{ white-space: normal; overflow-wrap: anywhere; }}
.pl-compare thead th {{ vertical-align: bottom; }}
.pl-compare :is(thead td, th[scope=row]) {{ position: sticky; left: 0; background: {SURFACE}; background-clip: padding-box; }}
.pl-two {{ display: grid !important; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px 28px; align-items: start;
  overflow: visible; }}
.pl-two > * {{ min-width: 0; overflow: visible; }}
.pl-two .pl-figures {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
.pl-two .pl-figure b {{ font-size: 20px; white-space: nowrap; }}
.pl-due {{ border-left-color: {WARNING}; background: #fff4ec; }}
.pl-orders {{ font-size: 13.5px; font-variant-numeric: tabular-nums; margin: 6px 0; }}
.pl-order-head, .pl-order > summary, .pl-order-total {{ display: grid; gap: 0 12px; align-items: baseline;
  grid-template-columns: minmax(190px, 2.4fr) minmax(110px, 1.5fr) repeat(5, minmax(78px, 1fr)); padding: 5px 6px 5px 22px;
  border-bottom: 1px solid {LINE}; }}
:is(.pl-order-head, .pl-order > summary, .pl-order-total) > span:nth-child(n + 3) {{ text-align: right; }}
.pl-order-head {{ color: {MUTED}; }}
.pl-order-total {{ font-weight: 650; border-bottom: 0; }}
.pl-order > summary {{ cursor: pointer; list-style: none; position: relative; }}
.pl-order > summary::-webkit-details-marker {{ display: none; }}
.pl-order > summary::before {{ content: "\\25B8"; position: absolute; left: 6px; color: {MUTED}; }}
.pl-order[open] > summary::before {{ content: "\\25BE"; }}
.pl-order > summary:hover {{ background: #f5f7f9; }}
.pl-order > summary:focus-visible {{ outline: 2px solid {ACCENT}; outline-offset: -2px; }}
.pl-order small {{ color: {MUTED}; font-size: 12.5px; }}
.pl-sell, .pl-buy {{ text-transform: capitalize; }}
.pl-sell {{ color: {WARNING}; }}
.pl-buy {{ color: {ACCENT}; }}
:is(.pl-order, .pl-venue, .pl-words) dl {{ display: grid; width: auto; box-sizing: border-box; grid-template-columns: 110px minmax(0, 1fr); gap: 2px 14px; margin: 0;
  padding: 8px 22px 12px; background: #f9fafb; border-bottom: 1px solid {LINE}; }}
:is(.pl-order, .pl-venue, .pl-words) dt {{ color: {MUTED}; float: none; width: auto; padding: 0; font-weight: normal; }}
:is(.pl-order, .pl-venue, .pl-words) dd {{ margin: 0; padding: 0; width: auto; }}
.pl-answer {{ border-top: 1px solid {LINE}; padding: 6px 0; overflow: visible; }}
.pl-answer .widget-button {{ align-self: flex-start; }}
.pl-schedule th[scope=row] {{ white-space: nowrap; }}
.pl-blocked > * {{ color: {MUTED}; }}
.pl-blocked > td {{ white-space: normal; text-align: left; }}
.pl-app .pl-wide-readout .widget-readout {{ min-width: 72px; width: 72px; }}
.pl-alerts, .pl-questions {{ margin: 6px 0; padding: 0; list-style: none; }}
.pl-questions {{ list-style: decimal; padding-left: 22px; }}
.pl-questions > li {{ padding: 4px 0; }}
.pl-alert {{ display: grid; grid-template-columns: 104px 112px minmax(0, 1fr); gap: 2px 14px; padding: 8px 12px; margin: 6px 0;
  border-left: 4px solid {MUTED}; border-radius: 4px; background: #f5f7f9; }}
.pl-alert.pl-urgent {{ border-left: 8px solid {WARNING}; padding-left: 8px; background: #fff0e6; }}
.pl-alert.pl-warning {{ border-left-color: #b7791f; background: #fff9ec; }}
.pl-severity {{ font-weight: 650; white-space: nowrap; }}
.pl-severity i {{ display: inline-block; width: 16px; text-align: center; font-style: normal; }}
.pl-urgent .pl-severity {{ color: {WARNING}; }}
.pl-warning .pl-severity {{ color: #7a4d06; }}
.pl-alert-number b {{ display: block; font-size: 17px; line-height: 1.25; font-variant-numeric: tabular-nums; }}
.pl-alert-number small {{ color: {MUTED}; }}
.pl-app table.pl-in-line td {{ min-width: 92px; white-space: normal; }}
.pl-app table.pl-in-line th[scope=row] {{ white-space: nowrap; }}
.pl-in-line small {{ color: {MUTED}; white-space: nowrap; }}
.pl-scale {{ display: block; position: relative; height: 4px; border-radius: 2px; background: #dfe5ea; margin: 4px 0 3px 20px; }}
.pl-scale i {{ position: absolute; top: -3px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%; background: {ACCENT};
  border: 1px solid #fff; box-sizing: border-box; }}
.pl-out {{ color: {WARNING}; }}
.pl-tilts {{ display: grid !important; grid-template-columns: minmax(0, 1fr); gap: 2px; overflow: visible; }}
.pl-tilts .widget-inline-hbox {{ margin-left: 0; margin-right: 0; min-width: 0; }}
.pl-tilt {{ display: grid !important; grid-template-columns: minmax(0, 1fr) auto; gap: 10px; align-items: center;
  padding: 5px 0; border-bottom: 1px solid {LINE}; overflow: visible; }}
.pl-tilt .widget-html-content {{ white-space: normal; }}
.pl-tilt .widget-button {{ width: auto; }}
.pl-tilt small {{ color: {MUTED}; }}
.pl-tilt-over {{ color: {MUTED}; text-decoration: line-through; }}
.pl-tilt-over small {{ display: inline-block; }}
.pl-periods .widget-toggle-buttons .widget-toggle-button, .pl-periods .widget-toggle-button {{ width: auto; padding: 0 12px; }}
.pl-venues {{ font-size: 13.5px; margin: 4px 0 8px; }}
.pl-venue > summary {{ display: grid; grid-template-columns: minmax(170px, 1.1fr) minmax(0, 2fr) minmax(0, 2fr); gap: 0 14px;
  padding: 5px 6px 5px 22px; border-bottom: 1px solid {LINE}; cursor: pointer; list-style: none; position: relative; }}
.pl-venue > summary::-webkit-details-marker {{ display: none; }}
.pl-venue > summary::before {{ content: "\\25B8"; position: absolute; left: 6px; color: {MUTED}; }}
.pl-venue[open] > summary::before {{ content: "\\25BE"; }}
.pl-venue > summary:hover {{ background: #f5f7f9; }}
:is(.pl-venue, .pl-words) > summary:focus-visible {{ outline: 2px solid {ACCENT}; outline-offset: -2px; }}
.pl-why {{ color: #7a4d06; }}
.pl-guide s {{ color: {MUTED}; }}
.pl-words > summary {{ cursor: pointer; color: {MUTED}; font-size: 13.5px; padding: 3px 0; }}
.pl-words {{ font-size: 13.5px; }}
.pl-ratings .table-editor-fixed {{ white-space: normal !important; }}
.pl-ratings input {{ border-color: {LINE} !important; margin: 1px 0; }}
.pl-guide td {{ white-space: normal; text-align: left; }}
.pl-guide th, .pl-guide td {{ width: 50%; vertical-align: top; }}
.pl-app table.pl-ranking :is(th[scope=row], th:nth-child(2), .pl-bar-cell) {{ text-align: left; }}
.pl-reach > div {{ display: grid; grid-template-columns: 130px 48px minmax(0, 1fr) minmax(0, 1fr); gap: 0 16px; align-items: center;
  padding: 5px 0; border-bottom: 1px solid {LINE}; font-size: 13.5px; }}
.pl-reach > div > b {{ font-variant-numeric: tabular-nums; text-align: right; }}
.pl-ranking th[scope=row] {{ color: {INK}; white-space: nowrap; }}
.pl-ranking thead th {{ vertical-align: bottom; }}
.pl-bar-cell {{ width: 45%; min-width: 120px; vertical-align: middle; }}
.pl-bar {{ display: flex; height: 14px; border-radius: 3px; background: #edf0f3; overflow: hidden; }}
.pl-bar i {{ background: {ACCENT}; box-shadow: inset -1px 0 {SURFACE}; }}
.pl-bar-key {{ display: flex; flex-wrap: wrap; gap: 2px 14px; }}
.pl-bar-key i {{ display: inline-block; width: 10px; height: 10px; border-radius: 2px; background: {ACCENT}; margin-right: 5px; }}
.pl-stripe {{ display: block; position: relative; height: 6px; border-radius: 3px; background: #e8ecf0; }}
.pl-stripe i {{ position: absolute; height: 100%; border-radius: 3px; background: {ACCENT}; opacity: 0.45; }}
.pl-stripe b {{ position: absolute; top: -3px; width: 12px; height: 12px; margin-left: -6px; border-radius: 50%; background: {ACCENT};
  border: 2px solid {SURFACE}; box-sizing: border-box; }}
.pl-app .pl-question {{ height: auto; }}
.pl-app .pl-question label {{ display: flex; gap: 7px; align-items: baseline; height: auto; line-height: 1.35; white-space: normal; }}
.pl-app .pl-question label span {{ white-space: normal; }}
.pl-scenario-bar {{ overflow: visible; margin: 2px 0 6px; }}
.pl-scenarios {{ display: flex !important; flex-wrap: wrap; gap: 6px; align-items: center; overflow: visible; }}
.pl-scenarios .widget-dropdown {{ width: min(320px, 100%); }}
.pl-scenarios :is(.widget-button, .widget-toggle-button) {{ width: auto; padding: 0 12px; margin: 0; }}
.pl-scenarios > .widget-html {{ flex: 1 1 160px; min-width: 0; }}
.pl-scenario-bar .pl-card {{ margin-top: 6px; }}
.pl-scenario-bar .pl-row .widget-text, .pl-scenario-bar .pl-row .widget-dropdown {{ width: min(420px, 100%); }}
.pl-app .pl-row > .widget-button {{ width: auto; padding: 0 12px; }}
.pl-changes th, .pl-changes td {{ text-align: left !important; white-space: normal !important; vertical-align: top; }}
.pl-entry > summary {{ cursor: pointer; }}
.pl-journal-form .widget-text, .pl-journal-form .widget-textarea {{ width: min(640px, calc(100% - 4px)); }}
.pl-journal-form .widget-button {{ width: auto; padding: 0 12px; }}
.pl-writing {{ display: grid !important; grid-template-columns: minmax(300px, 2fr) minmax(0, 3fr); gap: 14px; align-items: start;
  overflow: visible; }}
.pl-writing .widget-text, .pl-writing .widget-dropdown, .pl-writing .widget-textarea {{ width: auto; }}
.pl-paper article {{ max-height: 75vh; overflow-y: auto; padding: 4px 14px; font-size: 14px; }}
.pl-paper article table {{ border-collapse: collapse; width: 100%; font-size: 13px; margin: 6px 0 10px; }}
.pl-paper article :is(th, td) {{ text-align: left; padding: 3px 8px 3px 0; border-bottom: 1px solid {LINE}; vertical-align: top; }}
.pl-paper article caption {{ text-align: left; color: {MUTED}; }}
.pl-paper article ul {{ padding-left: 18px; margin: 4px 0; }}
@container (max-width: 900px) {{ .pl-writing {{ grid-template-columns: minmax(0, 1fr); }} }}
.pl-presenting > :not(.pl-stage, .pl-busy) {{ display: none !important; }}
.pl-stage {{ overflow: visible; }}
.pl-presenting > .widget-html:first-child {{ display: block !important; height: 0; margin: 0; overflow: hidden; }}
.pl-present {{ overflow: visible; zoom: 1.3; }}
.pl-present-head {{ display: flex !important; gap: 8px; align-items: center; overflow: visible; }}
.pl-present-head > .widget-html {{ flex: 1; min-width: 0; }}
.pl-present-head .widget-button {{ width: auto; padding: 0 12px; }}
.pl-present-head small {{ color: {MUTED}; font-size: 15px; font-weight: normal; }}
.pl-present-pinned {{ display: grid !important; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 4px 24px;
  overflow: visible; }}
.pl-present-pinned > * {{ width: auto; }}
.pl-present-pictures {{ display: grid !important; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px 24px; overflow: visible; }}
.pl-present-pictures > :first-child {{ grid-column: 1 / -1; }}
.pl-present-pictures > * {{ min-width: 0; }}
@container (max-width: 620px) {{ .pl-present-pictures {{ grid-template-columns: minmax(0, 1fr); }} }}
@container (max-width: 620px) {{ .pl-alert {{ grid-template-columns: 1fr auto; }}
  .pl-alert > :last-child {{ grid-column: 1 / -1; }}
  .pl-venue > summary {{ grid-template-columns: minmax(0, 1fr); }}
  .pl-bar-cell {{ min-width: 64px; }}
  .pl-app table.pl-ranking th {{ white-space: normal; }}
  .pl-reach > div {{ grid-template-columns: minmax(0, 1fr) auto; }}
  .pl-reach > div > :nth-child(n + 3) {{ grid-column: 1 / -1; margin: 5px 0 0; }} }}
@container (max-width: 900px) {{ .pl-two {{ grid-template-columns: minmax(0, 1fr); }}
  :is(.pl-order, .pl-venue) dl {{ grid-template-columns: 84px minmax(0, 1fr); }}
  .pl-order-head {{ display: none; }}
  .pl-order > summary, .pl-order-total {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
  :is(.pl-order > summary, .pl-order-total) > span:nth-child(-n + 2) {{ grid-column: 1 / -1; }}
  :is(.pl-order > summary, .pl-order-total) > span:nth-child(n + 3) {{ text-align: left; }}
  :is(.pl-order > summary, .pl-order-total) > .pl-left-out {{ display: none; }}
  :is(.pl-order > summary, .pl-order-total) > span:nth-child(4) {{ grid-column: span 2; }}
  :is(.pl-order > summary, .pl-order-total) > span:nth-child(n + 3)::before {{ content: attr(data-name); display: block;
    color: {MUTED}; font-size: 12px; font-weight: normal; }} }}
@container (max-width: 1020px) {{ .pl-results {{ grid-template-columns: minmax(0, 1fr); }}
  .pl-figures {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }} }}
@container (max-width: 760px) {{ .pl-columns {{ grid-template-columns: minmax(0, 1fr); }}
  .pl-card {{ padding: 12px; }} }}
@media (prefers-reduced-motion: reduce) {{ .pl-busy.pl-on {{ transition: none; }} }}
"""
"""``pl-on`` is set at once and seen after 150 ms: a shorter computation shows no busy mark."""
