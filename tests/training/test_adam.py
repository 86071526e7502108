import torch

from forecast.training.adam import Adam


def test_it_goes_where_the_adam_of_torch_goes() -> None:
    random = torch.Generator().manual_seed(0)
    start = [torch.randn(3, 5, generator=random), torch.randn(3, generator=random)]
    ours, theirs = ([torch.nn.Parameter(each.clone()) for each in start] for _ in range(2))
    adam, oracle = Adam(ours, 0.02), torch.optim.Adam(theirs, lr=0.02, foreach=False)
    for _ in range(200):
        gradients = [torch.randn(each.shape, generator=random) for each in start]
        for parameters in (ours, theirs):
            for each, gradient in zip(parameters, gradients, strict=True):
                each.grad = gradient.clone()
        adam.step(*adam.pace())
        oracle.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def test_a_parameter_without_a_gradient_stays_where_it_is() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    adam = Adam([parameter], 0.1)
    adam.step(*adam.pace())
    assert parameter.tolist() == [1.0, 1.0]
