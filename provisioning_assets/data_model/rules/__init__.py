"""Every rule about a data model, by subject."""


def model_problems(model):
    from provisioning_assets.data_model.problems import Problem
    from provisioning_assets.planning.model_rules import table_problems

    return [Problem(p.place, p.message) for p in table_problems(model.tables, model.effects)]
