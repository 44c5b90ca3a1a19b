BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('2');
CREATE TABLE entries (
	household TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (household, number), 
	CONSTRAINT fk_entries_household FOREIGN KEY(household) REFERENCES households (id), 
	CONSTRAINT ck_entries_number CHECK (number >= 1)
);
INSERT INTO "entries" VALUES('d0967135f37f4b6fa2a9dbe6198dbf06',1,'{"number":1,"at":"2026-03-01T12:00:00.000000+00:00","author":"Ana","reason":"agreed","changes":[{"item":"goals","field":"College","before":"none","after":"2040"}],"previous":"0000000000000000000000000000000000000000000000000000000000000000","hash":"4ff62b750b41221173f4f211735775d54ed62a42fb2e034a38287989a1bbda71"}');
INSERT INTO "entries" VALUES('d0967135f37f4b6fa2a9dbe6198dbf06',2,'{"number":2,"at":"2026-03-01T12:00:00.000000+00:00","author":"Ana","reason":"a child was born","changes":[{"item":"goals","field":"College","before":"none","after":"2040"}],"previous":"4ff62b750b41221173f4f211735775d54ed62a42fb2e034a38287989a1bbda71","hash":"e55d437dd2b44fdce71fe7ab3d12f1ffa653449adfbf93178a8e9f740c47ae66"}');
CREATE TABLE households (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created TEXT NOT NULL, 
	CONSTRAINT pk_households PRIMARY KEY (id)
);
INSERT INTO "households" VALUES('d0967135f37f4b6fa2a9dbe6198dbf06','Smith','2026-11-23T09:11:34.936408+00:00');
CREATE TABLE policies (
	household TEXT NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (household), 
	CONSTRAINT fk_policies_household FOREIGN KEY(household) REFERENCES households (id)
);
INSERT INTO "policies" VALUES('d0967135f37f4b6fa2a9dbe6198dbf06','{"schema_version":2,"name":"Example household","profile":{"age":35,"horizon_years":25.0,"net_worth":400000.0,"liquid_assets":250000.0,"yearly_income":120000.0,"yearly_spending":60000.0,"income_stability":"steady","obligations":0.0,"dependents":1,"tolerance":{"sells_at":"-50 %","loses_sleep_at":"-30 %","reaction":"hold","experience":"one fall","spread":"-15 to +25 %"},"currency":"USD"},"targets":{"weights":{"equities":0.5,"fixed_income":0.3,"real_estate":0.1,"commodities":0.0,"cash":0.05,"crypto":0.05},"bands":{},"default_band":{"absolute":0.02,"relative":null,"absolute_below":null,"relative_below":null}},"method":"strategic targets","risk_aversion":3.0,"room":0.05,"volatility_cap":null,"crypto_override":false,"crypto_fall":0.5,"frontier_return":null,"limits":[],"views":[],"household":null,"rebalancing":{"kind":"hybrid","look":"quarterly","threshold":{"kind":"threshold","absolute":null,"relative":null,"bands":{},"destination":"to the target"}},"trading":{"tracking_price":0.1,"cost":0.0005,"costs":{"crypto":0.0025},"minimum_trade":100.0,"cash_buffer":0.0},"last_rebalanced":"2025-06-30","tilts":[],"last_review":"2025-06-30","sleeve":null,"cash_flows":null,"goals":[],"glide_path":null,"return_model":{"kind":"lognormal"},"assumptions":null,"made_with":null}');
CREATE TABLE reviews (
	id TEXT NOT NULL, 
	household TEXT NOT NULL, 
	day TEXT NOT NULL, 
	author TEXT NOT NULL, 
	saved TEXT NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_reviews PRIMARY KEY (id), 
	CONSTRAINT fk_reviews_household FOREIGN KEY(household) REFERENCES households (id)
);
INSERT INTO "reviews" VALUES('04cf652d577d448cb36339f0cc17dc22','d0967135f37f4b6fa2a9dbe6198dbf06','2025-10-31','Ana','2026-11-23T09:11:34.953197+00:00','{"as_of": "2025-10-31", "sentences": ["Nothing is due."]}');
CREATE TABLE scenarios (
	id TEXT NOT NULL, 
	household TEXT NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	created TEXT NOT NULL, 
	saved TEXT NOT NULL, 
	deleted TEXT, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_scenarios PRIMARY KEY (id), 
	CONSTRAINT fk_scenarios_household FOREIGN KEY(household) REFERENCES households (id)
);
INSERT INTO "scenarios" VALUES('0068a118c0814493aea2abb3dcd7ad3d','d0967135f37f4b6fa2a9dbe6198dbf06','Example household',2,'Ana','2026-11-23T09:11:34.939550+00:00','2026-11-23T09:11:34.944828+00:00',NULL,'{"schema_version":2,"name":"Example household","profile":{"age":35,"horizon_years":25.0,"net_worth":400000.0,"liquid_assets":250000.0,"yearly_income":120000.0,"yearly_spending":60000.0,"income_stability":"steady","obligations":0.0,"dependents":1,"tolerance":{"sells_at":"-50 %","loses_sleep_at":"-30 %","reaction":"hold","experience":"one fall","spread":"-15 to +25 %"},"currency":"USD"},"targets":{"weights":{"equities":0.5,"fixed_income":0.3,"real_estate":0.1,"commodities":0.0,"cash":0.05,"crypto":0.05},"bands":{},"default_band":{"absolute":0.02,"relative":null,"absolute_below":null,"relative_below":null}},"method":"strategic targets","risk_aversion":3.0,"room":0.05,"volatility_cap":null,"crypto_override":false,"crypto_fall":0.5,"frontier_return":null,"limits":[],"views":[],"household":{"accounts":[{"kind":"401(k)","owner":"Ann","holdings":[{"asset":"VTSAX","quantity":300.0,"unit_cost":null,"acquired":null,"bought":null},{"asset":"VBTLX","quantity":3200.0,"unit_cost":null,"acquired":null,"bought":null}],"cash":1400.0,"may_hold":["equities","fixed_income","real_estate"],"name":"Ann''s 401(k)"},{"kind":"traditional IRA","owner":"Ann","holdings":[{"asset":"BND","quantity":320.0,"unit_cost":null,"acquired":null,"bought":null},{"asset":"BND","quantity":40.0,"unit_cost":74.0,"acquired":"2025-09-12","bought":null},{"asset":"VNQ","quantity":160.0,"unit_cost":null,"acquired":null,"bought":null},{"asset":"VXUS","quantity":100.0,"unit_cost":null,"acquired":null,"bought":null}],"cash":1190.0,"may_hold":null,"name":"Ann''s IRA"},{"kind":"Roth IRA","owner":"Ben","holdings":[{"asset":"VTI","quantity":50.0,"unit_cost":null,"acquired":null,"bought":null},{"asset":"VXUS","quantity":160.0,"unit_cost":null,"acquired":null,"bought":null},{"asset":"VNQ","quantity":60.0,"unit_cost":null,"acquired":null,"bought":null}],"cash":1350.0,"may_hold":null,"name":"Ben''s Roth IRA"},{"kind":"taxable","owner":"Ann and Ben","holdings":[{"asset":"VTI","quantity":25.0,"unit_cost":168.0,"acquired":"2020-02-20","bought":null},{"asset":"VTI","quantity":20.0,"unit_cost":240.0,"acquired":"2021-11-05","bought":null},{"asset":"VTI","quantity":15.0,"unit_cost":285.0,"acquired":"2024-10-15","bought":null},{"asset":"VTI","quantity":10.0,"unit_cost":300.0,"acquired":"2025-02-14","bought":null},{"asset":"VXUS","quantity":90.0,"unit_cost":53.0,"acquired":"2019-07-15","bought":null},{"asset":"VXUS","quantity":60.0,"unit_cost":66.0,"acquired":"2021-06-10","bought":null},{"asset":"VXUS","quantity":30.0,"unit_cost":66.5,"acquired":"2025-05-30","bought":null},{"asset":"BND","quantity":60.0,"unit_cost":87.5,"acquired":"2020-12-15","bought":null},{"asset":"BND","quantity":40.0,"unit_cost":75.5,"acquired":"2024-09-30","bought":null},{"asset":"VNQ","quantity":30.0,"unit_cost":116.0,"acquired":"2021-12-31","bought":null},{"asset":"VNQ","quantity":20.0,"unit_cost":98.0,"acquired":"2024-11-29","bought":null},{"asset":"GLD","quantity":12.0,"unit_cost":170.0,"acquired":"2021-03-15","bought":null},{"asset":"BTC","quantity":0.125,"unit_cost":7000.0,"acquired":"2020-04-20","bought":null},{"asset":"BTC","quantity":0.0625,"unit_cost":27000.0,"acquired":"2023-06-01","bought":null},{"asset":"ETH","quantity":0.5,"unit_cost":1650.0,"acquired":"2023-10-02","bought":null},{"asset":"ETH","quantity":0.25,"unit_cost":4700.0,"acquired":"2025-08-22","bought":null}],"cash":8075.0,"may_hold":null,"name":"Joint brokerage"}],"prices":{"VTI":328.0,"VTSAX":158.0,"ITOT":143.0,"VXUS":73.5,"IXUS":82.5,"BND":74.5,"VBTLX":9.75,"IUSB":46.5,"VNQ":91.5,"SCHH":21.5,"GLD":355.0,"BTC":114000.0,"ETH":4100.0},"as_of":"2025-09-30","assets":[{"symbol":"VTI","series":"us_equity","label":"Vanguard Total Stock Market ETF","whole_units":false,"identical":"","replacement":"ITOT"},{"symbol":"VTSAX","series":"us_equity","label":"Vanguard Total Stock Market Index Fund","whole_units":false,"identical":"VTI","replacement":null},{"symbol":"ITOT","series":"us_equity","label":"iShares Core S&P Total US Stock Market ETF","whole_units":false,"identical":"","replacement":"VTI"},{"symbol":"VXUS","series":"intl_equity","label":"Vanguard Total International Stock ETF","whole_units":false,"identical":"","replacement":"IXUS"},{"symbol":"IXUS","series":"intl_equity","label":"iShares Core MSCI Total International Stock ETF","whole_units":false,"identical":"","replacement":"VXUS"},{"symbol":"BND","series":"us_bonds","label":"Vanguard Total Bond Market ETF","whole_units":false,"identical":"","replacement":"IUSB"},{"symbol":"VBTLX","series":"us_bonds","label":"Vanguard Total Bond Market Index Fund","whole_units":false,"identical":"BND","replacement":null},{"symbol":"IUSB","series":"us_bonds","label":"iShares Core Universal USD Bond ETF","whole_units":false,"identical":"","replacement":"BND"},{"symbol":"VNQ","series":"real_estate","label":"Vanguard Real Estate ETF","whole_units":false,"identical":"","replacement":"SCHH"},{"symbol":"SCHH","series":"real_estate","label":"Schwab US REIT ETF","whole_units":false,"identical":"","replacement":"VNQ"},{"symbol":"GLD","series":"gold","label":"SPDR Gold Shares","whole_units":false,"identical":"","replacement":null},{"symbol":"BTC","series":"bitcoin","label":"Bitcoin","whole_units":false,"identical":"","replacement":null},{"symbol":"ETH","series":"ether","label":"Ether","whole_units":false,"identical":"","replacement":null}],"taxes":{"filing":"married filing jointly","income":120000.0,"investment_income":0.0,"state_rate":0.05,"short_loss_carried":0.0,"long_loss_carried":0.0,"retirement_rate":null},"sales":[]},"rebalancing":{"kind":"hybrid","look":"quarterly","threshold":{"kind":"threshold","absolute":null,"relative":null,"bands":{},"destination":"to the target"}},"trading":{"tracking_price":0.1,"cost":0.0005,"costs":{"crypto":0.0025},"minimum_trade":100.0,"cash_buffer":0.0},"last_rebalanced":"2025-06-30","tilts":[],"last_review":"2025-06-30","sleeve":null,"cash_flows":null,"goals":[{"name":"College","amount":100000.0,"date":null,"year":2040,"priority":2,"spent":true}],"glide_path":null,"return_model":{"kind":"lognormal"},"assumptions":null,"made_with":null}');
CREATE TABLE statement_texts (
	household TEXT NOT NULL, 
	section TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_statement_texts PRIMARY KEY (household, section), 
	CONSTRAINT fk_statement_texts_household FOREIGN KEY(household) REFERENCES households (id)
);
INSERT INTO "statement_texts" VALUES('d0967135f37f4b6fa2a9dbe6198dbf06','purpose','A house by the sea.');
CREATE INDEX ix_scenarios_household ON scenarios (household);
CREATE INDEX ix_reviews_household ON reviews (household);
CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'Entries of a journal are neither changed nor removed.'); END;
CREATE TRIGGER entries_unremoved BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'Entries of a journal are neither changed nor removed.'); END;
CREATE TRIGGER entries_unreplaced BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE household = NEW.household AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'Entries of a journal are neither changed nor removed.'); END;
COMMIT;
