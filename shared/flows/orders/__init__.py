"""The money of an order born in Shopify, as it must stand in Dataverse: pure, exact, and refused where it cannot be.

    money = money_of(content, MoneySettings(MoneySide.SHOP, DiscountMethod.LINE_ITEM, 4, 2))   # money.py
    {**content, "money": plain(money)}                                                         # plain.py

`content` is an order as the paths of paths.py read it. taxes.py says who owes which tax and what is left of it,
worth.py what is left of lines and shipping, pricing.py which price and discount make a line exact.
"""
